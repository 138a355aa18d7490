# InfluxDB servers built from their Go modules. Sourced by scripts/test-parts.

parts_bin=${XDG_CACHE_HOME:-$HOME/.cache}/gigafloor/bin

install_influxd() { # version, function that builds it
    local version=$1 build=$2 target=$parts_bin/influxd-$1 folder
    [ ! -x "$target" ] || return 0
    if ! command -v go >/dev/null; then
        lack "influxd $version" "it is built with Go, and there is none; install Go 1.24 or newer"
        return 0
    fi
    if [ "$version" = 2.9.1 ] && ! command -v cargo >/dev/null; then
        lack "influxd $version" "its query engine is built with Rust, and there is none; install rustup"
        return 0
    fi
    folder=$(mktemp -d)
    echo "Building influxd $version, once, into $parts_bin (some minutes)"
    if (cd "$folder" && "$build" "$version") >"$folder/log" 2>&1; then
        mkdir -p "$parts_bin"
        # A rename is atomic: nobody ever finds half a program there.
        mv "$folder/bin/influxd" "$target.$$" && mv "$target.$$" "$target"
    else
        lack "influxd $version" "the build failed: $(tail -n 1 "$folder/log")"
    fi
    chmod -R u+w "$folder" && rm -rf "$folder"
}

# Every step is chained: a function called as a condition runs without `set -e`.
build_influxd_1() {
    GOBIN=$PWD/bin GOFLAGS= nice go install "github.com/influxdata/influxdb/cmd/influxd@v$1"
}

build_influxd_2() {
    # `go install` refuses the module for its replace lines; as a tool of a throw-away module it resolves.
    # The wrapper: its Rust half denies warnings, and newer compilers have new ones.
    printf 'module throwaway\n\ngo 1.24\n' >go.mod &&
        printf '#!/bin/sh\nexec "$@" --cap-lints warn\n' >wrap.sh && chmod +x wrap.sh &&
        GOBIN=$PWD/bin GOFLAGS= nice go install github.com/influxdata/pkg-config@v0.2.14 &&
        GOFLAGS=-mod=mod go get -tool "github.com/influxdata/influxdb/v2/cmd/influxd@v$1" &&
        PKG_CONFIG=$PWD/bin/pkg-config RUSTUP_TOOLCHAIN=stable RUSTC_WORKSPACE_WRAPPER=$PWD/wrap.sh \
            GOFLAGS=-mod=mod nice go build -tags sqlite_foreign_keys,sqlite_json \
            -o bin/influxd github.com/influxdata/influxdb/v2/cmd/influxd
}
