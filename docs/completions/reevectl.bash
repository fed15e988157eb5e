# What bash offers behind reevectl.

# Those of the reeve that runs, and nothing where none answers. Arguments: reevectl, and which socket.
_reevectl_services() {
    local limit=() line name
    # A reeve that is stopped would keep the shell.
    command -v timeout >/dev/null && limit=(timeout 1)
    while IFS= read -r line; do
        [[ $line == '{"name":"'* ]] || continue
        name=${line#'{"name":"'}
        name=${name%%'"'*}
        printf '%s\n%s\n' "$name" "${name%@*}" # web@1 is one of web
    done < <("${limit[@]}" "$@" status --json 2>/dev/null </dev/null)
}

_reevectl_options() {
    case $1 in
    "") echo --socket --help --version ;;
    status | reload | events) echo --socket --json ;;
    start | stop | restart) echo --socket --json --no-wait --timeout ;;
    reload-service) echo --socket --no-wait --timeout ;;
    health) echo --socket --json --live --ready ;;
    graph) echo --socket --json --dot ;;
    *) echo --socket ;;
    esac
}

# The arguments of a command: its name, how many arguments there are already, reevectl and its socket.
_reevectl_arguments() {
    local command=$1 count=$2
    shift 2
    case $command in
    status | health | reload-service) _reevectl_services "$@" ;;
    start | stop | restart)
        [[ $count -gt 0 ]] || echo all
        _reevectl_services "$@"
        ;;
    signal)
        if [[ $count -gt 0 ]]; then
            _reevectl_services "$@"
        else
            echo HUP INT QUIT KILL USR1 USR2 PIPE ALRM TERM STOP CONT TSTP TTIN TTOU URG WINCH
        fi
        ;;
    esac
}

_reevectl() {
    # Not COMP_WORDS, which are split at the @ of an instance.
    local line=${COMP_LINE:0:COMP_POINT} words=() word current offered
    local command="" count=0 expected="" is_behind_options="" socket=()
    read -ra words <<<"$line"
    [[ $line != *[[:blank:]] ]] || words+=("")
    current=${words[-1]}
    for word in "${words[@]:1:${#words[@]}-2}"; do
        if [[ $expected ]]; then
            [[ $expected != --socket ]] || socket=(--socket "$word")
            expected=""
            continue
        fi
        case $is_behind_options$word in
        --socket=*) socket=("$word") ;;
        --socket | --timeout) expected=$word ;;
        --) is_behind_options=yes ;;
        -*) ;;
        *) if [[ $command ]]; then count=$((count + 1)); else command=$word; fi ;;
        esac
    done

    COMPREPLY=()
    if [[ ! $is_behind_options && $current == --socket=* ]]; then
        expected=--socket
        current=${current#*=}
    fi
    if [[ $expected == --socket ]]; then
        compopt -o filenames 2>/dev/null # there is none where nothing is completed
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    elif [[ $expected || $current == --timeout=* ]]; then
        return
    elif [[ ! $is_behind_options && $current == -* ]]; then
        offered=$(_reevectl_options "$command")
    elif [[ ! $command ]]; then
        offered="status start stop restart signal reload reload-service health events top graph shutdown"
    else
        offered=$(_reevectl_arguments "$command" "$count" "$1" "${socket[@]}")
    fi
    mapfile -t COMPREPLY < <(compgen -W "$offered" -- "$current")
    # What bash replaces is only what stands behind the last character that it splits words at.
    COMPREPLY=("${COMPREPLY[@]#"${current%"$2"}"}")
}

complete -F _reevectl reevectl
