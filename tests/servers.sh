# shellcheck shell=bash
# Throw-away PostgreSQL, MariaDB and MySQL servers, for tests/run.sh to source.
#
#   start_servers    starts those that POSTGRES_URL, MYSQL_URL and MYSQL8_URL don't name already, exports them
#   stop_servers     stops them and removes their data
#
# Everything lives in one temporary directory; the machine's own servers and their configuration
# are neither used nor touched. MYSQL_URL is MariaDB, MYSQL8_URL is MySQL.

servers_dir=
servers_pids=()
servers_password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')

start_servers() {
    [[ -z ${POSTGRES_URL:-} || -z ${MYSQL_URL:-} || -z ${MYSQL8_URL:-} ]] || return 0
    install_servers
    [[ -n ${MYSQL8_URL:-} ]] || install_mysql

    # In /tmp and not in $TMPDIR, which may be below a home directory that the servers' users can't enter.
    servers_dir=$(mktemp -d /tmp/soft-delete-tests.XXXXXX)
    chmod 711 "$servers_dir"

    # Creating the data directories takes longest: all at once.
    [[ -n ${POSTGRES_URL:-} ]] || prepare_postgres
    [[ -n ${MYSQL_URL:-} ]] || prepare_mariadb
    [[ -n ${MYSQL8_URL:-} ]] || prepare_mysql
    wait_for_all

    [[ -n ${POSTGRES_URL:-} ]] || start_postgres
    [[ -n ${MYSQL_URL:-} ]] || start_mariadb
    [[ -n ${MYSQL8_URL:-} ]] || start_mysql
    export POSTGRES_URL MYSQL_URL MYSQL8_URL
}

stop_servers() {
    # QUIT is PostgreSQL's immediate shutdown. The data is thrown away, so MariaDB needs no shutdown at all,
    # nor do the programs that create the data directories; each of them is a process group (see `spawn`).
    local pid
    for pid in "${servers_pids[@]}"; do
        if [[ $pid == "${postgres_pid:-}" ]]; then
            kill -QUIT "$pid" 2>/dev/null || true
        else
            kill -KILL -- "-$pid" "$pid" 2>/dev/null || true
        fi
    done
    for pid in "${servers_pids[@]}"; do
        wait "$pid" 2>/dev/null || true
    done
    servers_pids=()
    [[ -z $servers_dir ]] || rm -rf "$servers_dir"
}

install_servers() {
    local packages=()
    [[ -n ${POSTGRES_URL:-} || -n $(postgres_bin) ]] || packages+=(postgresql)
    # Its client also logs in to MySQL.
    [[ -n ${MYSQL_URL:-} && -n ${MYSQL8_URL:-} || -n $(mariadb_bin mariadbd) ]] || packages+=(mariadb-server)
    ((${#packages[@]})) || return 0

    local root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            fail "not installed: ${packages[*]}. Install them, or set POSTGRES_URL, MYSQL_URL and MYSQL8_URL to servers to use."
        root=(sudo)
    fi
    echo "tests/run.sh: installing ${packages[*]}" >&2
    # The log also keeps a service that a package starts from holding our own output open.
    local log
    log=$(mktemp)
    if ! {
        "${root[@]}" apt-get update &&
            "${root[@]}" env DEBIAN_FRONTEND=noninteractive \
                apt-get install --yes --no-install-recommends "${packages[@]}"
    } </dev/null >"$log" 2>&1; then
        cat "$log" >&2
        fail "apt-get could not install ${packages[*]}"
    fi
    rm "$log"
}

prepare_postgres() {
    local dir=$servers_dir/postgres
    make_directory_of postgres "$dir"
    # A password even on loopback: a superuser of the database runs programs as the server's user.
    (umask 077 && echo "$servers_password" >"$dir/password")
    give_to postgres "$dir/password"
    spawn postgres "$dir/initdb.log" "$(postgres_bin)/initdb" --pgdata="$dir/data" --no-sync \
        --username=soft_delete --pwfile="$dir/password" --auth=password --encoding=UTF8 --locale=C.UTF-8
}

start_postgres() {
    local dir=$servers_dir/postgres port
    port=$(free_port)
    spawn postgres "$dir/log" "$(postgres_bin)/postgres" -D "$dir/data" -p "$port" \
        -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=500 \
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c wal_level=minimal -c max_wal_senders=0
    postgres_pid=${servers_pids[-1]}
    wait_until_ready "$postgres_pid" "$dir/log" "$(postgres_bin)/pg_isready" --quiet --host=127.0.0.1 --port="$port"
    POSTGRES_URL=postgres://soft_delete:$servers_password@127.0.0.1:$port/postgres
}

prepare_mariadb() {
    local dir=$servers_dir/mariadb
    make_directory_of mysql "$dir"
    # A server that starts removes what it takes for its own leftovers, so that no two may share one.
    make_directory_of mysql "$dir/tmp"
    (umask 077 && cat >"$dir/init.sql") <<-SQL
		CREATE DATABASE soft_delete;
		CREATE USER soft_delete@127.0.0.1 IDENTIFIED BY '$servers_password';
		GRANT ALL ON *.* TO soft_delete@127.0.0.1 WITH GRANT OPTION;
	SQL
    give_to mysql "$dir/init.sql"
    spawn mysql "$dir/install.log" "$(mariadb_bin mariadb-install-db)" --no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp" --skip-test-db
}

start_mariadb() {
    local dir=$servers_dir/mariadb port
    port=$(free_port)
    # `loose` options are hints that another version may not know.
    spawn mysql "$dir/log" "$(mariadb_bin mariadbd)" --no-defaults --datadir="$dir/data" --tmpdir="$dir/tmp" --init-file="$dir/init.sql" \
        --bind-address=127.0.0.1 --port="$port" --socket="$dir/socket" --pid-file="$dir/pid" --skip-name-resolve \
        --character-set-server=utf8mb4 --max-connections=500 --skip-log-bin \
        --innodb-buffer-pool-size=128M --innodb-flush-log-at-trx-commit=0 --loose-innodb-flush-method=nosync
    wait_until_ready "${servers_pids[-1]}" "$dir/log" mariadb_answers "$port"
    MYSQL_URL=mysql://soft_delete:$servers_password@127.0.0.1:$port/soft_delete
}

# Debian has MySQL in its suite sid alone, built for libraries that no other suite has: the server is unpacked, with
# all of its libraries, and not installed, and runs with its own loader. Nothing of the system is changed.
install_mysql() {
    local cache=${XDG_CACHE_HOME:-$HOME/.cache}/soft-delete
    # The server's user can't enter root's home.
    ((EUID != 0)) || cache=/var/cache/soft-delete
    mysql_root=$cache/mysql
    [[ ! -x $mysql_root/usr/sbin/mysqld ]] || return 0

    local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
    { command -v apt-get && command -v dpkg && [[ -e $keyring ]]; } >/dev/null ||
        fail "MySQL is unpacked from Debian's packages, which needs apt-get and the package debian-archive-keyring. Set MYSQL8_URL to a server to use."
    echo "tests/run.sh: unpacking MySQL into $mysql_root" >&2
    mkdir -p "$cache"
    local work
    work=$(mktemp -d "$cache/mysql.XXXXXX")
    if ! download_mysql "$work" "$keyring" >"$work/log" 2>&1; then
        cat "$work/log" >&2
        rm -rf "$work"
        fail "MySQL could not be unpacked, see above. Set MYSQL8_URL to a server to use."
    fi
    chmod 755 "$work/root"
    # Another run may have been faster.
    mv -T "$work/root" "$mysql_root" 2>/dev/null || [[ -x $mysql_root/usr/sbin/mysqld ]]
    rm -rf "$work"
}

# download_mysql DIRECTORY KEYRING: the server and its libraries, in DIRECTORY/root.
download_mysql() {
    local work=$1 packages
    mkdir -p "$work"/{state/lists/partial,cache/archives/partial,packages,root}
    touch "$work/state/status" # Nothing is installed, so that all is downloaded.
    echo "deb [signed-by=$2] http://deb.debian.org/debian sid main" >"$work/sources.list"
    cat >"$work/apt.conf" <<-CONF
		Dir::State "$work/state";
		Dir::State::status "$work/state/status";
		Dir::Cache "$work/cache";
		Dir::Etc::sourcelist "$work/sources.list";
		Dir::Etc::sourceparts "/dev/null";
		Dir::Etc::preferences "/dev/null";
		Dir::Etc::preferencesparts "/dev/null";
		APT::Sandbox::User "$(id -un)";
		Acquire::Languages "none";
		// A mirror may lag behind. What it has is signed all the same.
		Acquire::Check-Valid-Until "false";
	CONF
    local -x APT_CONFIG=$work/apt.conf
    apt-get update || return
    packages=$(apt-get install --no-install-recommends --print-uris -qq mysql-server-core) || return
    # Its scripts need Perl, the server doesn't.
    packages=$(awk '{ sub(/_.*/, "", $2); print $2 }' <<<"$packages" | grep -Ev '^(perl|libperl|libgdbm|libdb5)')
    # shellcheck disable=SC2086 # One word each.
    (cd "$work/packages" && apt-get download $packages) || return
    local package
    for package in "$work"/packages/*.deb; do
        dpkg -x "$package" "$work/root" || return
    done
    rm -rf "$work/root/usr/share/"{doc,man,locale}
}

# Sets `mysqld` to the words that run it.
mysqld_command() {
    local libraries loaders
    libraries=$(dirname "$(find "$mysql_root/usr/lib" -name 'libc.so.6' -print -quit)")
    loaders=("$libraries"/ld-linux*)
    mysqld=("${loaders[0]}" --library-path "$libraries:$mysql_root/usr/lib/mysql/private"
        "$mysql_root/usr/sbin/mysqld" --no-defaults --basedir="$mysql_root/usr"
        --lc-messages-dir="$mysql_root/usr/share/mysql" --secure-file-priv=NULL)
}

prepare_mysql() {
    local dir=$servers_dir/mysql mysqld
    make_directory_of "$(mysql_user)" "$dir"
    make_directory_of "$(mysql_user)" "$dir/tmp"
    (umask 077 && cat >"$dir/init.sql") <<-SQL
		CREATE DATABASE soft_delete;
		CREATE USER soft_delete@127.0.0.1 IDENTIFIED BY '$servers_password';
		GRANT ALL ON *.* TO soft_delete@127.0.0.1 WITH GRANT OPTION;
	SQL
    give_to "$(mysql_user)" "$dir/init.sql"
    mysqld_command
    spawn "$(mysql_user)" "$dir/install.log" "${mysqld[@]}" --initialize-insecure --datadir="$dir/data"
}

start_mysql() {
    local dir=$servers_dir/mysql port mysqld
    port=$(free_port)
    mysqld_command
    spawn "$(mysql_user)" "$dir/log" "${mysqld[@]}" --datadir="$dir/data" --tmpdir="$dir/tmp" --init-file="$dir/init.sql" \
        --bind-address=127.0.0.1 --port="$port" --mysqlx=OFF --socket="$dir/socket" --pid-file="$dir/pid" --skip-name-resolve \
        --character-set-server=utf8mb4 --max-connections=500 --skip-log-bin \
        --innodb-buffer-pool-size=128M --innodb-flush-log-at-trx-commit=0 --innodb-doublewrite=OFF
    # The client logs in over TLS, which the tests don't; then the server knows the password and asks for no more.
    wait_until_ready "${servers_pids[-1]}" "$dir/log" mariadb_answers "$port"
    MYSQL8_URL=mysql://soft_delete:$servers_password@127.0.0.1:$port/soft_delete
}

mysql_user() {
    id -un mysql 2>/dev/null || echo nobody
}

mariadb_answers() {
    MYSQL_PWD=$servers_password "$(mariadb_bin mariadb)" --no-defaults --host=127.0.0.1 --port="$1" \
        --user=soft_delete --execute='SELECT 1' >/dev/null 2>&1
}

# Debian keeps PostgreSQL's programs out of PATH, in a directory per version: the newest.
postgres_bin() {
    local programs
    programs=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort --version-sort | tail -1)
    [[ -x $programs ]] || programs=$(command -v initdb || true)
    [[ -z $programs ]] || dirname "$programs"
}

# The servers are in /usr/sbin, which an ordinary user's PATH may lack.
mariadb_bin() {
    PATH=$PATH:/usr/sbin command -v "$1" || true
}

# spawn USER LOG COMMAND…: runs it in the background and remembers its process id.
#
# It gets a session of its own, so that Ctrl-C in the terminal reaches only us and we decide the order in which
# things stop; and it is killed by the kernel should we be killed ourselves. Neither server runs as root, so
# root becomes the server's own user.
spawn() {
    local user=$1 log=$2
    shift 2
    local drop=(setpriv --pdeathsig QUIT)
    ((EUID != 0)) || drop+=(--reuid "$user" --regid "$user" --init-groups)
    (
        cd / # Another user may not be able to enter our directory.
        exec setsid "${drop[@]}" -- "$@"
    ) </dev/null >"$log" 2>&1 &
    servers_pids+=($!)
}

wait_for_all() {
    local pid
    for pid in "${servers_pids[@]}"; do
        if ! wait "$pid"; then
            cat "$servers_dir"/*/*.log >&2
            fail "could not create the data directories, see above"
        fi
    done
    servers_pids=()
}

# wait_until_ready PID LOG COMMAND…
wait_until_ready() {
    local pid=$1 log=$2 deadline=$((SECONDS + 60))
    shift 2
    until "$@"; do
        if ! kill -0 "$pid" 2>/dev/null || ((SECONDS > deadline)); then
            cat "$log" >&2
            fail "the server did not start, see above"
        fi
        sleep 0.1
    done
}

# Below the ephemeral range: there, an outgoing connection could take the port between this check and its use.
free_port() {
    local first=10000 end=30000 port _
    read -r port _ </proc/sys/net/ipv4/ip_local_port_range
    ((port <= first || port >= end)) || end=$port
    while
        port=$((first + SRANDOM % (end - first)))
        (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null
    do :; done
    echo "$port"
}

make_directory_of() {
    mkdir -m 700 "$2"
    give_to "$1" "$2"
}

give_to() {
    ((EUID != 0)) || chown "$1": "$2"
}

fail() {
    echo "tests/run.sh: $1" >&2
    exit 1
}
