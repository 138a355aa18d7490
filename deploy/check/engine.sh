# A Docker engine to check with: the one that answers, or one of our own on Debian as root. Sourced by scripts/check-compose.

engine_pid=''
engine_is_ours=no
engine_data=${XDG_CACHE_HOME:-$HOME/.cache}/gigafloor/docker

skip() {
    echo "Not checked: $*"
    exit 0
}

find_engine() {
    if docker info >/dev/null 2>&1; then
        return 0
    fi
    [ "$(id -u)" = 0 ] || skip "no Docker engine answers, and one of our own needs root."
    command -v apt-get >/dev/null || skip "no Docker engine answers, and this system has no apt-get to install one."
    install_engine
    start_engine
}

install_engine() {
    local absent=() package program
    for package in docker.io:dockerd docker-compose:docker-compose mmdebstrap:mmdebstrap iptables:iptables; do
        program=${package#*:}
        command -v "$program" >/dev/null || absent+=("${package%:*}")
    done
    [ ${#absent[@]} -gt 0 ] || return 0
    echo "Installing Debian packages: ${absent[*]}"
    apt_install "${absent[@]}" >"$scratch/apt.log" 2>&1 || skip "apt-get failed: $(tail -n 1 "$scratch/apt.log")"
}

start_engine() {
    export DOCKER_HOST=unix://$scratch/docker.sock
    mkdir -p "$engine_data"
    # dockerd changes the firewall and forwarding, and does not put them back when it ends.
    iptables-save >"$scratch/iptables"
    cat /proc/sys/net/ipv4/ip_forward >"$scratch/ip_forward"
    # The storage driver is left to dockerd: it takes the first that works, vfs at the latest.
    setsid dockerd --data-root "$engine_data" --exec-root "$scratch/exec" --host "$DOCKER_HOST" \
        --pidfile "$scratch/docker.pid" --bridge none >"$scratch/dockerd.log" 2>&1 &
    engine_pid=$!
    engine_is_ours=yes
    for _ in $(seq 60); do
        if docker info >/dev/null 2>&1; then
            echo "Started a Docker engine (pid $engine_pid, $(docker info --format '{{.ServerVersion}}, {{.Driver}}'))"
            return 0
        fi
        kill -0 "$engine_pid" 2>/dev/null || break
        sleep 1
    done
    skip "dockerd does not run here: $(grep -E 'level=(error|fatal)|failed' "$scratch/dockerd.log" | tail -n 1)"
}

stop_engine() {
    [ -n "$engine_pid" ] || return 0
    # Yesterday's builds; today's are the cache of the next run.
    docker image prune --force --filter until=24h >/dev/null 2>&1 || true
    kill "$engine_pid" 2>/dev/null || true
    wait "$engine_pid" || true
    ! mountpoint --quiet "$scratch/exec/netns/default" || umount "$scratch/exec/netns/default"
    iptables-restore <"$scratch/iptables"
    cat "$scratch/ip_forward" >/proc/sys/net/ipv4/ip_forward
    echo "Stopped the Docker engine (pid $engine_pid); its images stay in $engine_data"
    engine_pid=''
}

find_compose() {
    if docker compose version >/dev/null 2>&1; then
        compose=(docker compose)
    elif command -v docker-compose >/dev/null; then
        compose=(docker-compose)
    else
        skip "there is a Docker engine, but neither 'docker compose' nor docker-compose."
    fi
}
