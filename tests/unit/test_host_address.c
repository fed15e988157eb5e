#include "supervisor/host_address.h"

#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <string.h>

static struct host_addresses found;

/* The addresses, each followed by a blank. */
static const char *list(void)
{
    static char text[HOST_ADDRESSES * (INET6_ADDRSTRLEN + 1) + 1];
    char *end = text;
    for (size_t i = 0; i < found.count; i++) {
        const union host_address *a = &found.list[i];
        const void *number =
            a->any.sa_family == AF_INET ? (const void *)&a->v4.sin_addr : &a->v6.sin6_addr;
        inet_ntop(a->any.sa_family, number, end, INET6_ADDRSTRLEN);
        end = stpcpy(end + strlen(end), " ");
    }
    *end = '\0';
    return text;
}

static const char *find(const char *host, const char *hosts)
{
    FILE *file = hosts ? fmemopen((void *)(uintptr_t)hosts, strlen(hosts), "r") : NULL;
    memset(&found, 0xff, sizeof found);
    host_addresses_find(host, file, &found);
    if (file)
        fclose(file);
    return list();
}

START_TEST(numbers_are_taken_as_they_are)
{
    ck_assert_str_eq(find("127.0.0.1", NULL), "127.0.0.1 ");
    ck_assert_str_eq(find("0.0.0.0", NULL), "0.0.0.0 ");
    ck_assert_str_eq(find("::1", NULL), "::1 ");
    ck_assert_str_eq(find("FE80::A", NULL), "fe80::a ");
    ck_assert_str_eq(find("::ffff:10.0.0.1", NULL), "::ffff:10.0.0.1 ");
}
END_TEST

START_TEST(numbers_are_not_looked_up)
{
    ck_assert_str_eq(find("10.0.0.1", "10.0.0.2 10.0.0.1\n"), "10.0.0.1 ");
}
END_TEST

START_TEST(what_is_no_whole_address_is_a_name)
{
    static const char *const hosts[] = {"127.1",      "127.0.0.1.", "127.0.0.256", "0x7f.0.0.1",
                                        "2130706433", "::1%lo",     ":::",         "",
                                        " 127.0.0.1", "127.0.0.1 "};
    for (size_t i = 0; i < unit_count(hosts); i++)
        ck_assert_msg(*find(hosts[i], "10.0.0.9 other\n") == '\0', "'%s'", hosts[i]);
}
END_TEST

START_TEST(localhost_is_the_loopback_of_both_families_whatever_the_file_says)
{
    ck_assert_str_eq(find("localhost", NULL), "127.0.0.1 ::1 ");
    ck_assert_str_eq(find("LocalHost", "10.0.0.1 localhost\n"), "127.0.0.1 ::1 ");
}
END_TEST

START_TEST(a_name_is_looked_up_in_any_case_and_with_all_its_lines)
{
    static const char hosts[] = "127.0.0.1 localhost\n"
                                "10.0.0.1\tdb.example db # primary\n"
                                "10.0.0.2   cache\n"
                                "fd00::1 DB\n";
    ck_assert_str_eq(find("db", hosts), "10.0.0.1 fd00::1 ");
    ck_assert_str_eq(find("DB.Example", hosts), "10.0.0.1 ");
    ck_assert_str_eq(find("cache", hosts), "10.0.0.2 ");
    ck_assert_str_eq(find("d", hosts), "");
    ck_assert_str_eq(find("db.", hosts), "");
    ck_assert_str_eq(find("primary", hosts), "");
}
END_TEST

START_TEST(a_name_that_stands_twice_in_a_line_is_one_address)
{
    ck_assert_str_eq(find("db", "10.0.0.1 db db DB\n"), "10.0.0.1 ");
}
END_TEST

START_TEST(lines_that_are_none_are_passed_over)
{
    static const char hosts[] = "\n#10.0.0.1 db\n  \t\n10.0.0.2\n10.0.0.3#db\nnonsense db\n"
                                "fe80::1%eth0 db\ndb 10.0.0.4\r\n  10.0.0.5 db\r\n10.0.0.6 db";
    ck_assert_str_eq(find("db", hosts), "10.0.0.5 10.0.0.6 ");
}
END_TEST

START_TEST(more_addresses_than_there_is_room_for_are_cut)
{
    char hosts[1024] = "";
    for (int i = 0; i < HOST_ADDRESSES + 3; i++)
        strcat(hosts, "10.0.0.1 db\n");
    find("db", hosts);
    ck_assert_uint_eq(found.count, HOST_ADDRESSES);
}
END_TEST

START_TEST(the_port_stands_in_each_of_them)
{
    host_addresses_resolve("localhost", 8080, &found);
    ck_assert_uint_eq(found.count, 2);
    ck_assert_uint_eq(ntohs(found.list[0].v4.sin_port), 8080);
    ck_assert_uint_eq(ntohs(found.list[1].v6.sin6_port), 8080);
    ck_assert_uint_eq(host_address_size(&found.list[0]), sizeof(struct sockaddr_in));
    ck_assert_uint_eq(host_address_size(&found.list[1]), sizeof(struct sockaddr_in6));
}
END_TEST

START_TEST(an_address_has_nothing_in_it_but_what_was_written)
{
    union host_address address;
    memset(&address, 0xff, sizeof address);
    ck_assert(host_address_parse("::1", &address));
    ck_assert_uint_eq(address.v6.sin6_port, 0);
    ck_assert_uint_eq(address.v6.sin6_flowinfo, 0);
    ck_assert_uint_eq(address.v6.sin6_scope_id, 0);
}
END_TEST

START_TEST(a_name_that_nobody_has_has_no_address)
{
    host_addresses_resolve("no-such-host.invalid", 80, &found);
    ck_assert_uint_eq(found.count, 0);
}
END_TEST

int main(void)
{
    return unit_run(
        "host_address", numbers_are_taken_as_they_are, numbers_are_not_looked_up,
        what_is_no_whole_address_is_a_name,
        localhost_is_the_loopback_of_both_families_whatever_the_file_says,
        a_name_is_looked_up_in_any_case_and_with_all_its_lines,
        a_name_that_stands_twice_in_a_line_is_one_address, lines_that_are_none_are_passed_over,
        more_addresses_than_there_is_room_for_are_cut, the_port_stands_in_each_of_them,
        an_address_has_nothing_in_it_but_what_was_written, a_name_that_nobody_has_has_no_address);
}
