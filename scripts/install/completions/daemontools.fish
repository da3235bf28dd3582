# Completion of daemontools and its tools for fish.
#
# Services are looked for in the directories of $DAEMONTOOLS_SERVICES, which are separated by
# colons; /service and /etc/service unless it is set.

# fish reads this file once for each tool by whose name it is linked.
if set -q __daemontools_completed
    exit
end
set -g __daemontools_completed yes

# A service or its logger, by its name or its path. What is neither is completed as a directory.
function __daemontools_services
    set -l directories /service /etc/service
    if set -q DAEMONTOOLS_SERVICES
        set directories (string split : -- $DAEMONTOOLS_SERVICES)
    end
    set -l word (commandline -ct)
    set -l found
    for directory in $directories
        set -l begin $directory/$word
        string match -qr '^[./]' -- $word; and set begin $word
        for path in $directory/* $directory/*/log
            set -l same (string sub -l (string length -- "$begin") -- $path)
            test "$same" = "$begin" -a -d $path; and set -a found $path
        end
    end
    if set -q found[1]
        printf '%s\n' $found
    else if test -n "$word"
        __fish_complete_directories $word
    end
end

# How many words that are not options are behind the tool's name, before the cursor.
function __daemontools_operands
    set -l words (commandline -opc)
    set -e words[1]
    set -l valued
    set -l count 0
    while set -q words[1]
        if test $count -eq 0; and string match -qr '^-[acdflmoprst]$' -- $words[1]; and test "$argv[1]" = valued
            set -e words[1]
        else if test $count -gt 0; or not string match -q -- '-*' $words[1]
            set count (math $count + 1)
        end
        set -e words[1]
    end
    echo $count
end

function __daemontools_operand -a number kind
    test (__daemontools_operands $kind) -eq $number
end

function __daemontools_program -a first kind
    test (__daemontools_operands $kind) -ge $first
end

# Completes the program behind so many operands, and its arguments, by its own completion.
function __daemontools_complete_program -a operands kind
    set -l words (commandline -opc)
    set -l program (math (count $words) - (__daemontools_operands $kind) + $operands + 1)
    set -l line
    if test $program -le (count $words)
        set line (string escape -- $words[$program..-1])
    end
    complete -C (string join ' ' -- $line (commandline -ct))
end

# The executable's own subcommands, and what they are for: it knows them best.
function __daemontools_verbs
    set -l words (commandline -opc)
    $words[1] help 2>/dev/null | sed -n '/^subcommands:$/,/^$/s/^\([a-z]*\)  *\([a-z].*\)/\1\t\2/p'
end

# Whether a subcommand that is about services has been typed.
function __daemontools_in_verb
    set -l words (commandline -opc)
    test (count $words) -ge 2; or return
    not contains -- $words[2] help install uninstall list version $argv
end

# What stands behind such a subcommand: its options as it tells them, or names of services.
function __daemontools_verb
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    set -l options ($words[1] $words[2] --help 2>/dev/null | string replace -rf '^ +(?:(-.), )?(--[a-z-]+)(?: ([A-Z][A-Z=]*))? +(.*)' '$1|$2|$3|$4')
    for option in $options
        set -l parts (string split '|' -- $option)
        if test -n "$parts[3]"; and contains -- $words[-1] $parts[1..2]
            switch $parts[3]
                case DIR
                    __fish_complete_directories $word
                case FILE
                    __fish_complete_path $word
                case USER
                    __fish_complete_users
            end
            return
        end
    end
    if string match -q -- '-*' $word
        for option in $options
            set -l parts (string split '|' -- $option)
            string match -q -- '-*' "$parts[1]"; and printf '%s\t%s\n' $parts[1] $parts[4]
            printf '%s\t%s\n' $parts[2] $parts[4]
        end
        return
    end
    switch $words[2]:(count $words)
        case wait:2
            printf '%s\n' up ready down finished
        case signal:2
            kill -l | string split ' '
        case 'add:*' 'new:*'
            __fish_complete_directories $word
        case '*'
            __daemontools_names $words
    end
end

# Services and their loggers by name, in the directory that the words name by -C, or the usual ones.
function __daemontools_names
    if string match -qr '^[./]' -- (commandline -ct)
        __fish_complete_directories (commandline -ct)
        return
    end
    set -l directories /service /etc/service
    if set -q DAEMONTOOLS_SERVICES
        set directories (string split : -- $DAEMONTOOLS_SERVICES)
    end
    set -l at (contains -i -- -C $argv; or contains -i -- --directory $argv)
    and set directories $argv[(math $at + 1)]
    for directory in $directories
        for path in $directory/* $directory/*/log
            test -d $path; and string sub -s (math (string length -- $directory) + 2) -- $path
        end
    end
end

set -l tools svscan supervise svc svok svup svstat svscanboot readproctitle multilog tai64n \
    tai64nlocal tai64nfrac setuidgid envuidgid envdir softlimit setlock fghack pgrphack
for tool in $tools
    complete -c $tool -n 'test (count (commandline -opc)) -eq 1' -l help -d 'Print how it is called'
end

for tool in svc svstat
    complete -c $tool -f -a '(__daemontools_services)'
end
for tool in svok svup supervise
    complete -c $tool -f -n '__daemontools_operand 0' -a '(__daemontools_services)'
end
for tool in svscan svscanboot
    complete -c $tool -f -n '__daemontools_operand 0' -a '(__fish_complete_directories (commandline -ct))'
end

complete -c svscan -n 'test (count (commandline -opc)) -eq 1' -a '--timeout-kill=\t"Kill what has not ended by then, milliseconds"'

complete -c svc -s u -d Up
complete -c svc -s d -d Down
complete -c svc -s o -d Once
complete -c svc -s p -d 'Pause: SIGSTOP'
complete -c svc -s c -d 'Continue: SIGCONT'
complete -c svc -s h -d SIGHUP
complete -c svc -s a -d SIGALRM
complete -c svc -s i -d SIGINT
complete -c svc -s t -d SIGTERM
complete -c svc -s k -d SIGKILL
complete -c svc -s x -d Exit

for tool in setuidgid envuidgid
    complete -c $tool -f -n '__daemontools_operand 0' -a '(__fish_complete_users)'
end
complete -c envdir -f -n '__daemontools_operand 0' -a '(__fish_complete_directories (commandline -ct))'
complete -c setlock -n '__daemontools_operand 0' -F
complete -c setuidgid -n '__daemontools_operand 0' -s s -d 'Keep the groups of the account'
for tool in setuidgid envuidgid envdir setlock
    complete -c $tool -f -n '__daemontools_program 1' -a '(__daemontools_complete_program 1)'
end
complete -c setlock -n '__daemontools_operand 0' -s n -d 'Do not wait'
complete -c setlock -n '__daemontools_operand 0' -s N -d Wait
complete -c setlock -n '__daemontools_operand 0' -s x -d 'Exit 0 without the lock'
complete -c setlock -n '__daemontools_operand 0' -s X -d 'Exit 111 without the lock'

for tool in fghack pgrphack
    complete -c $tool -f -a '(__daemontools_complete_program 0)'
end
complete -c softlimit -f -a '(__daemontools_complete_program 0 valued)'
complete -c softlimit -n '__daemontools_operand 0 valued' -x -s a -d 'Mapped memory, bytes'
complete -c softlimit -n '__daemontools_operand 0 valued' -x -s c -d 'Core file, bytes'
complete -c softlimit -n '__daemontools_operand 0 valued' -x -s d -d 'Data, bytes'
complete -c softlimit -n '__daemontools_operand 0 valued' -x -s f -d 'File size, bytes'
complete -c softlimit -n '__daemontools_operand 0 valued' -x -s l -d 'Locked memory, bytes'
complete -c softlimit -n '__daemontools_operand 0 valued' -x -s m -d 'Memory, bytes'
complete -c softlimit -n '__daemontools_operand 0 valued' -x -s o -d 'Open descriptors'
complete -c softlimit -n '__daemontools_operand 0 valued' -x -s p -d Processes
complete -c softlimit -n '__daemontools_operand 0 valued' -x -s r -d 'Resident memory, bytes'
complete -c softlimit -n '__daemontools_operand 0 valued' -x -s s -d 'Stack, bytes'
complete -c softlimit -n '__daemontools_operand 0 valued' -x -s t -d 'CPU time, seconds'

complete -c multilog -f -a '(__fish_complete_directories (commandline -ct))'
complete -c multilog -a 'e\t"to standard error" s\t"size of a file" n\t"number of files" limit=\t"bytes of all files" age=\t"seconds until a new file" gzip=yes\t"compress finished files" gzip=no\t"do not compress"'
complete -c multilog -n 'test (count (commandline -opc)) -eq 1' -a 't\t"put labels in front" iso=utc\t"put date and time in front" iso=local\t"put local date and time in front"'

complete -c daemontools -f
complete -c daemontools -n "__daemontools_in_verb $tools" -a '(__daemontools_verb)'
complete -c daemontools -n "__fish_seen_subcommand_from $tools" -a '(__daemontools_complete_program 0)'
set -l own 'test (count (commandline -opc)) -eq 1'
complete -c daemontools -n $own -a '(__daemontools_verbs)'
complete -c daemontools -n $own -l list -d 'List the tools'
complete -c daemontools -n $own -l version -d 'Print the version'
complete -c daemontools -n $own -l help -d 'Print how it is called'
complete -c daemontools -n $own -a "$tools"
complete -c daemontools -n '__fish_seen_subcommand_from help' -a '(__daemontools_verbs)'
complete -c daemontools -n '__fish_seen_subcommand_from help' -a "daemontools $tools tutorial recipes service deploying troubleshooting migration differences security"
complete -c daemontools -n '__fish_seen_subcommand_from install uninstall' -l prefix -xa '(__fish_complete_directories (commandline -ct))' -d 'Where it goes'
complete -c daemontools -n '__fish_seen_subcommand_from install uninstall' -l root -xa '(__fish_complete_directories (commandline -ct))' -d 'As if it were /'
complete -c daemontools -n '__fish_seen_subcommand_from install uninstall' -l dry-run -d 'Only print the steps'
complete -c daemontools -n '__fish_seen_subcommand_from install' -l service-dir -xa '(__fish_complete_directories (commandline -ct))' -d 'Where services are'
complete -c daemontools -n '__fish_seen_subcommand_from install' -l boot -xa 'systemd inittab upstart rc.local' -d 'How it is started'
complete -c daemontools -n '__fish_seen_subcommand_from install' -l no-boot -d 'Leave alone what starts at boot'
complete -c daemontools -n '__fish_seen_subcommand_from install' -l no-start -d 'Start nothing now'
complete -c daemontools -n '__fish_seen_subcommand_from install' -l switch -d 'Switch a running svscan over'
complete -c daemontools -n '__fish_seen_subcommand_from install' -l force -d 'Move aside what is in the way'
complete -c daemontools -n '__fish_seen_subcommand_from uninstall' -l no-stop -d 'Leave services running'
