# What fish offers behind reevectl.

# The command, and the arguments behind it, one a line; no option.
function __reevectl_words
    set -l words (commandline -opc)
    set -l expects_value no
    for word in $words[2..]
        if test $expects_value = yes
            set expects_value no
        else if contains -- $word --socket --timeout
            set expects_value yes
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

function __reevectl_has_no_command
    test (count (__reevectl_words)) -eq 0
end

# One of these is the command.
function __reevectl_is
    set -l words (__reevectl_words)
    set -q words[1]; and contains -- $words[1] $argv
end

# How many arguments the command has already.
function __reevectl_has
    test (count (__reevectl_words)) -eq (math $argv[1] + 1)
end

# Those of the reeve that runs, and nothing where none answers.
function __reevectl_services
    set -l words (commandline -opc)
    set -l reevectl $words[1]
    # A reeve that is stopped would keep the shell.
    command -q timeout; and set reevectl timeout 1 $reevectl
    for i in (seq (count $words))
        if test $words[$i] = --socket; and set -q words[(math $i + 1)]
            set -a reevectl --socket $words[(math $i + 1)]
        else if string match -q -- '--socket=*' $words[$i]
            set -a reevectl $words[$i]
        end
    end
    # web@1 is one of web
    set -l names ($reevectl status --json 2>/dev/null </dev/null | string replace -rf '^\{"name":"([^"]*)".*' '$1')
    string replace -r '@.*' '' -- $names $names | sort -u
    string match -- '*@*' $names
end

set -l orders start stop restart

complete -c reevectl -f
complete -c reevectl -l socket -r -F -d 'Where reeve is listening'
complete -c reevectl -n __reevectl_has_no_command -l help -d 'Print how it is used'
complete -c reevectl -n __reevectl_has_no_command -l version -d 'Print the version'
complete -c reevectl -n "__reevectl_is status $orders reload health events graph" -l json -d 'Print one JSON object a line'
complete -c reevectl -n "__reevectl_is $orders reload-service" -l no-wait -d 'Do not wait until it is done'
complete -c reevectl -n "__reevectl_is $orders reload-service" -l timeout -x -d 'Wait so long at most'
complete -c reevectl -n '__reevectl_is health' -l live -d 'None has failed for good or is unhealthy'
complete -c reevectl -n '__reevectl_is health' -l ready -d 'All are up and known to be healthy'
complete -c reevectl -n '__reevectl_is graph' -l dot -d 'Print it for Graphviz'

complete -c reevectl -n __reevectl_has_no_command -a status -d 'Show services'
complete -c reevectl -n __reevectl_has_no_command -a start -d 'Start services, wait until they are up'
complete -c reevectl -n __reevectl_has_no_command -a stop -d 'Stop services, wait until they are down'
complete -c reevectl -n __reevectl_has_no_command -a restart -d 'Stop and start services again'
complete -c reevectl -n __reevectl_has_no_command -a signal -d 'Send a signal to main processes of services'
complete -c reevectl -n __reevectl_has_no_command -a reload -d 'Read the configuration again, restart what changed'
complete -c reevectl -n __reevectl_has_no_command -a reload-service -d 'Have services read their own configuration'
complete -c reevectl -n __reevectl_has_no_command -a health -d 'Tell by the exit code whether all is well'
complete -c reevectl -n __reevectl_has_no_command -a events -d 'Follow every change of state'
complete -c reevectl -n __reevectl_has_no_command -a top -d 'Show a live table'
complete -c reevectl -n __reevectl_has_no_command -a graph -d 'Show who waits for whom'
complete -c reevectl -n __reevectl_has_no_command -a shutdown -d 'Stop everything, as a stop signal would'

complete -c reevectl -n "__reevectl_is status $orders reload-service health" -a '(__reevectl_services)'
complete -c reevectl -n "__reevectl_is $orders; and __reevectl_has 0" -a all
complete -c reevectl -n '__reevectl_is signal; and not __reevectl_has 0' -a '(__reevectl_services)'
complete -c reevectl -n '__reevectl_is signal; and __reevectl_has 0' -a 'HUP INT QUIT KILL USR1 USR2 PIPE ALRM TERM STOP CONT TSTP TTIN TTOU URG WINCH'
