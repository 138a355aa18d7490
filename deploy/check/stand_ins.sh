# What an engine without a registry builds from: base images made of Debian's packages, and a wheelhouse.
# Only ever for an engine that this check started itself. Sourced by scripts/check-compose.

readonly influxd=${XDG_CACHE_HOME:-$HOME/.cache}/gigafloor/bin/influxd-2.9.1

make_stand_ins() {
    # A real python image has `python` on its path; Debian has python3 only.
    stand_in python:3.11-slim-bookworm python3,python3-venv,ca-certificates \
        'ln -s python3 "$1/usr/bin/python"'
    stand_in eclipse-mosquitto:2 mosquitto,mosquitto-clients \
        'install -d -o 1883 -g 1883 "$1/mosquitto" "$1/mosquitto/config" "$1/mosquitto/data" "$1/mosquitto/log"'
    [ -x "$influxd" ] || skip "no InfluxDB for a stand-in of influxdb:2; scripts/test-parts builds $influxd."
    stand_in influxdb:2 curl,ca-certificates,libgcc-s1 \
        "install -m 755 '$influxd' \"\$1/usr/local/bin/influxd\"" \
        'install -d -m 700 -o 1000 -g 1000 "$1/var/lib/influxdb2" "$1/etc/influxdb2"'
}

stand_in() { # image, packages, hooks
    local image=$1 packages=$2 hook archive=$scratch/root.tar
    shift 2
    docker image inspect "$image" >/dev/null 2>&1 && return 0
    echo "Making a stand-in for $image from Debian's packages"
    local hooks=()
    for hook in "$@"; do hooks+=("--customize-hook=$hook"); done
    if ! nice mmdebstrap --quiet --variant=minbase --include="$packages" "${hooks[@]}" bookworm "$archive" \
        >"$scratch/mmdebstrap.log" 2>&1; then
        skip "mmdebstrap failed: $(tail -n 1 "$scratch/mmdebstrap.log")"
    fi
    docker import --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' \
        "$archive" "$image" >/dev/null
    rm -f "$archive"
}

make_wheelhouse() {
    local python target=build/wheels
    [ ! "$target" -nt requirements/run.txt ] || return 0
    python=$(PYTHON=${PYTHON:-python3.11} scripts/find-python)
    "$python" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' ||
        skip "the wheelhouse is for Python 3.11 and $python is another; say PYTHON=/path/to/python3.11."
    echo "Fetching the wheels of requirements/run.txt into $target"
    rm -rf "$target"
    "$python" -m venv "$scratch/pip"
    "$scratch/pip/bin/python" -m pip --disable-pip-version-check download --quiet --no-deps --only-binary=:all: \
        --require-hashes -r requirements/run.txt --dest "$scratch/wheels"
    mkdir -p build && mv "$scratch/wheels" "$target" && touch "$target"
}
