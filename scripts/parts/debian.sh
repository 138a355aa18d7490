# Debian packages, each with the path that shows it is there. Sourced by scripts/test-parts.

debian_parts=(
    "mosquitto /usr/sbin/mosquitto"
    "mosquitto-clients /usr/bin/mosquitto_sub"
    "libmodbus-dev /usr/include/modbus/modbus.h"
    "mbpoll /usr/bin/mbpoll"
    "socat /usr/bin/socat"
    "chromium /usr/bin/chromium"
    "gcc /usr/bin/gcc"
    "libc6-dev /usr/include/stdio.h"
    "pkg-config /usr/bin/pkg-config"
)

install_debian_parts() {
    local absent=() part package path log
    for part in "${debian_parts[@]}"; do
        read -r package path <<<"$part"
        [ -e "$path" ] || absent+=("$package")
    done
    [ ${#absent[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        lack "${absent[*]}" "this system has no apt-get; install them in its own way"
        return 0
    fi
    if [ "$(id -u)" != 0 ]; then
        lack "${absent[*]}" "not root; run: sudo apt-get install ${absent[*]}"
        return 0
    fi
    echo "Installing Debian packages: ${absent[*]}"
    log=$(mktemp)
    if ! apt_install "${absent[@]}" >"$log" 2>&1; then
        lack "${absent[*]}" "apt-get failed: $(tail -n 1 "$log")"
    fi
    rm -f "$log"
}

apt_install() {
    export DEBIAN_FRONTEND=noninteractive
    # Services would take well-known ports; the tests start their own on free ones.
    local policy=/usr/sbin/policy-rc.d made=no status=0
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod +x "$policy" && made=yes
    fi
    { apt-get update -q && apt-get install -q -y --no-install-recommends "$@"; } || status=$?
    [ "$made" = no ] || rm -f "$policy"
    return "$status"
}
