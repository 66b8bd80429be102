# shellcheck shell=bash
# shellcheck disable=SC2154 # me and root are the caller's
# What ./vigil and ./test share. Sourced with `me` (the name in messages) and `root` (the repository) set; never run.

out=$root/artifacts/publish
binary=$out/vigil/vigil # "vigil" is a link to the newest build, so that a rebuild never disturbs a command that runs
tools=$out/vigil.tools  # what the newest build's mode was found out from (see tools_key)
# And for each NAME that is published NAME.stamp; its time: when the newest build began; its text: how, and from what.

say() { printf '%s: %s\n' "$me" "$*" >&2; }

# Says what is missing and how to get it, unless an SDK that global.json accepts is on the PATH.
require_sdk() {
    local answer
    export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_CLI_UI_LANGUAGE=en
    if ! command -v dotnet >/dev/null; then
        say "the .NET 10 SDK is needed, and there is no \`dotnet\` on the PATH."
    elif ! answer=$(cd "$root" && dotnet --version 2>&1); then
        say "the .NET 10 SDK is needed, and \`$(command -v dotnet)\` answers:"
        head -n 8 <<<"$answer" | sed 's/^/    /' >&2
    else
        return 0
    fi
    cat >&2 <<'EOF'
Get it for the whole machine, with the steps for your release of Debian:
    https://learn.microsoft.com/dotnet/core/install/linux-debian
or for yourself alone, without root:
    curl -sSL https://dot.net/v1/dotnet-install.sh | bash -s -- --channel 10.0
    export PATH="$HOME/.dotnet:$PATH"
EOF
    return 1
}

# find_sources ROOT TEST…: all that is compiled to be published. A directory counts too: a deleted file shows there.
find_sources() {
    local from=$1
    shift
    find "$from/src" "$from"/*.props "$from/global.json" "$from/eng/common.sh" \
        ! -name '.*' ! -name '*~' ! -name PublicApi.txt "$@"
}

sources_fingerprint() {
    (cd "$root" && find_sources . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum)
}

# What possible_mode depends on, with times: the compiler, objcopy, and the headers and start files of the C library.
# A tool that is not there is a file that is none; "-" would be standard input, to stat.
tools_key() {
    stat -L -c '%n %Y' "$(command -v clang || command -v gcc || echo /-)" \
        "$(command -v objcopy || command -v llvm-objcopy || echo /-)" \
        /usr/include/stdlib.h /usr/lib/*/crt1.o /usr/lib64/crt1.o 2>/dev/null || true
}

# How the command can be built here: ahead of time needs a C linker that works (a gcc without libc6-dev does not).
possible_mode() {
    local compiler probe=$out/vigil.probe
    compiler=$(command -v clang || command -v gcc || true)
    if [[ -n $compiler ]] && { command -v objcopy || command -v llvm-objcopy; } >/dev/null &&
        echo 'int main(void) { return 0; }' | "$compiler" -x c - -o "$probe" -ldl -lrt -lm -pthread 2>/dev/null; then
        echo aot
    else
        echo jit
    fi
    rm -f "$probe"
}

# Published are the command "vigil", and what C programs load: "libinotify", the watcher, and "libzbq", the ring.
declare -A published=([vigil]=src/Vigil.Cli [libzbq]=src/Vigil.Native.Zbq [libinotify]=src/Vigil.Native.Inotify)

is_published() { [[ -e $out/$1/$1 || -e $out/$1/$1.so ]]; }

# published_is_fresh NAME: true where what is there may be used as it is. Runs at every start of the command: one
# `find`, which stops at the first newer file.
published_is_fresh() {
    local name=$1 mode='' stamp=$out/$1.stamp
    is_published "$name" && [[ -e $stamp ]] || return 1
    read -r mode _ <"$stamp" || return 1
    if [[ $mode == jit && ( ! -e $tools || $(<"$tools") != "$(tools_key)" ) ]]; then
        return 1 # a linker may have come since
    fi
    [[ -z $(find_sources "$root" -newer "$stamp" -print -quit) ]]
}

build_command() { build_published vigil; }
build_libraries() { build_published libzbq && build_published libinotify; }

# build_published NAME: publishes it unless it is fresh. Of several callers one builds, the others wait for it.
build_published() {
    published_is_fresh "$1" && return 0
    mkdir -p "$out" || return 1
    (
        if ! flock -n 9; then
            say "waiting for a build that another call has started…"
            flock 9 || exit 1
        fi
        published_is_fresh "$1" || publish "$1"
    ) 9>"$out/vigil.lock"
}

# publish NAME, under the lock. Descriptor 9 is closed for the build, lest a compiler server keep the lock.
publish() {
    local name=$1 stamp=$out/$1.stamp begun=$out/$1.begun log=$out/$1.log mode fingerprint staging previous
    local rid=linux-x64
    require_sdk || return 1
    : >"$begun"
    mode=$(possible_mode)
    tools_key >"$tools"
    fingerprint=$(sources_fingerprint)
    if is_published "$name" && [[ -e $stamp && $(<"$stamp") == "$mode $fingerprint" ]]; then
        touch -r "$begun" "$stamp" # touched, not changed
        return 0
    fi

    [[ $(uname -m) == aarch64 ]] && rid=linux-arm64
    local how=(-r "$rid")
    if [[ $mode == jit && $name != vigil ]]; then
        say "$name is native code, and no working C linker is here: apt-get install gcc libc6-dev zlib1g-dev"
        return 1
    elif [[ $mode == jit ]]; then
        how=(-p:VigilJit=true --no-self-contained)
        say "no working C linker here: building for the JIT, which starts about 50 ms later." \
            "For native code: apt-get install gcc libc6-dev"
    fi
    say "building once: $name (up to a minute)…"
    staging=$(mktemp -d "$out/$name-XXXXXX") && chmod 755 "$staging" || return 1
    if ! (cd "$root" && dotnet publish "${published[$name]}" -c Release "${how[@]}" -o "$staging" \
        --disable-build-servers --nologo) >"$log" 2>&1 9>&-; then
        rm -rf "$staging"
        tail -n 20 "$log" >&2
        say "the build failed; its whole log: $log"
        return 1
    fi

    # The link changes in one step. The build before this one stays until the next: it may be running.
    previous=$(readlink "$out/$name" || true)
    [[ -L $out/$name ]] || rm -rf "${out:?}/$name"
    ln -sfn "${staging##*/}" "$out/$name.link" &&
        mv -T "$out/$name.link" "$out/$name" &&
        printf '%s %s\n' "$mode" "$fingerprint" >"$stamp" &&
        touch -r "$begun" "$stamp" &&
        find "$out" -mindepth 1 -maxdepth 1 -type d -name "$name-*" \
            ! -name "${staging##*/}" ! -name "${previous:-none}" -exec rm -rf {} +
}

# A JIT build finds its runtime beside the `dotnet` on the PATH, wherever that was installed.
use_runtime() {
    local mode dotnet
    read -r mode _ <"$out/vigil.stamp"
    if [[ $mode == jit && -z ${DOTNET_ROOT:-} ]] && dotnet=$(command -v dotnet); then
        dotnet=$(readlink -f "$dotnet")
        export DOTNET_ROOT=${dotnet%/*}
    fi
}
