#!/usr/bin/env bash
# Our service beside a service of the usual kind, in one run: wrk at 32 and 256 connections, rounds in
# turn, medians of the ratios of each round. On demand, never in CI; see benches/README.md.
#
#   benches/compare.sh [ROUNDS] [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3}
seconds=${2:-5}
connections=(32 256)
key=k0123456789abcdef
for program in wrk node npm cargo awk; do
    command -v "$program" >/dev/null || { echo "$program is not installed" >&2; exit 69; }
done
[ "${BENCH_NO_BUILD:-}" = 1 ] || cargo build --release --locked --quiet -p cabildo-bot --bin cabildo \
    -p cabildo-benches --bin answerer
[ -d benches/peers/fastify/node_modules ] || (cd benches/peers/fastify && npm ci --no-audit --no-fund >/dev/null)

# Beside the build, so that all databases lie on one disk.
work=$(mktemp -d "${BENCH_DIR:-target}/compare.XXXXXX")
work=$(cd "$work" && pwd)
started=()
postgres=
finish() {
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    [ -z "$postgres" ] || as_postgres "$postgres/pg_ctl" -D "$cluster/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work" "${cluster:-$work}"
}
trap finish EXIT

as_postgres() { if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }

# A cluster with fsync on, where PostgreSQL is installed; it lies where its own account may be.
for folder in /usr/lib/postgresql/*/bin; do [ -x "$folder/initdb" ] && postgres=$folder; done
if [ -n "$postgres" ]; then
    cluster=$(cd / && as_postgres mktemp -d "${TMPDIR:-/tmp}/cabildo-compare.XXXXXX")
    (cd / && as_postgres "$postgres/initdb" -D "$cluster/data" -U cabildo -A trust -E UTF8 --locale=C >/dev/null &&
        as_postgres "$postgres/pg_ctl" -D "$cluster/data" -l "$cluster/log" -w start \
            -o "-k $cluster -c listen_addresses=''" >/dev/null)
fi

# Writes a configuration of ours: NAME PORT DATABASE_LINES.
configure() {
    mkdir -p "$work/$1"
    cat >"$work/$1.toml" <<TOML
[server]
listen = "127.0.0.1:$2"
max_connections = 1024
[data]
dir = "$work/$1"
[log]
filter = "error"
[limits]
answers_per_hour = 1000000
answers_per_day = 1000000
fold_after_per_minute = 1000000
$3
[channels.telco]
type = "kannel"
key = "$key"
TOML
}

# Starts a server of this kind with an empty database; sets pid and port.
serve() {
    local kind=$1
    # Below the ports that connections out are given.
    port=$((21000 + RANDOM % 11000))
    rm -rf "${work:?}/$kind"*
    mkdir -p "$work/$kind"
    case $kind in
    ours)
        configure ours "$port" ""
        target/release/cabildo serve --config "$work/ours.toml" >/dev/null 2>"$work/log" &
        ;;
    postgres)
        psql -qAt -h "$cluster" -U cabildo -d postgres -c 'DROP DATABASE IF EXISTS bench' -c 'CREATE DATABASE bench' >/dev/null 2>&1
        configure postgres "$port" "[database]
url = \"postgres://cabildo@localhost/bench?host=$cluster\""
        target/release/cabildo serve --config "$work/postgres.toml" >/dev/null 2>"$work/log" & ;;
    answerer) target/release/answerer "$port" >/dev/null 2>"$work/log" & ;;
    peer) node benches/peers/fastify/server.js "$port" "$work/peer/peer.db" data/mx/municipalities.csv >/dev/null 2>"$work/log" & ;;
    esac
    pid=$!
    started+=("$pid")
    for _ in $(seq 200); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
        sleep 0.1
    done
    echo "$kind did not start:" >&2
    cat "$work/log" >&2
    exit 70
}

ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }

# wrk at N connections against KIND: a line KIND N REQUESTS/s P99ms CPUµs MiB FAILED.
measure() {
    local kind=$1 n=$2 before after
    serve "$kind"
    local url="http://127.0.0.1:$port"
    wrk -t1 -c"$n" -d2s -s benches/peers/requests.lua "$url" -- "warm$RANDOM" 5000 >/dev/null
    before=$(ticks "$pid")
    wrk -t1 -c"$n" -d"${seconds}s" --latency -s benches/peers/requests.lua "$url" -- "run$RANDOM$RANDOM" 5000 >"$work/wrk"
    after=$(ticks "$pid")
    local memory
    memory=$(awk '/VmRSS/ { print $2 / 1024 }' "/proc/$pid/status")
    kill "$pid"
    wait "$pid" 2>/dev/null || true
    awk -v kind="$kind" -v n="$n" -v ticks="$((after - before))" -v memory="$memory" '
        function ms(text) { if (text ~ /us$/) return text / 1000; if (text ~ /ms$/) return text + 0; return text * 1000 }
        / requests in / { count = $1 } /Requests\/sec/ { rate = $2 } / 99% / { p99 = ms($2) } /Non-2xx/ { failed = $NF }
        END { printf "%s %d %.0f %.1f %.0f %.0f %d\n", kind, n, rate, p99, count ? ticks * 10000 / count : 0, memory, failed }
    ' "$work/wrk" | tee -a "$work/results"
}

raw() {
    # 4 KiB appends with O_DSYNC for a second or so: what the disk gives.
    local began ended
    began=$(date +%s%N)
    dd if=/dev/zero of="$work/raw" bs=4k count=400 oflag=dsync 2>/dev/null
    ended=$(date +%s%N)
    rm "$work/raw"
    echo $((400 * 1000000000 / (ended - began)))
}

kinds=(peer ours answerer)
[ -z "$postgres" ] || kinds+=(postgres)
echo "kind connections requests/s p99_ms server_µs/request MiB failed"
for round in $(seq "$rounds"); do
    echo "round $round: load average $(cut -d' ' -f1-3 /proc/loadavg), raw synced appends $(raw)/s"
    echo "round" >>"$work/results"
    for n in "${connections[@]}"; do
        for kind in "${kinds[@]}"; do measure "$kind" "$n"; done
    done
done

awk '
    function median(list, count,   i, j, swap) {
        for (i = 1; i <= count; i++) for (j = i + 1; j <= count; j++)
            if (list[j] < list[i]) { swap = list[i]; list[i] = list[j]; list[j] = swap }
        return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
    }
    function say(title, kind, base, n,   r, list, count) {
        count = 0
        for (r = 1; r <= rounds; r++)
            if (rate[r, base, n] > 0 && (r, kind, n) in rate) list[++count] = rate[r, kind, n] / rate[r, base, n]
        if (count) printf "%-44s c=%-4d %.2f\n", title, n, median(list, count)
    }
    $1 == "round" { rounds++; next }
    { rate[rounds, $1, $2] = $3 }
    END {
        print "\nmedians of the ratios of each round"
        split("32 256", at, " ")
        for (i = 1; i <= 2; i++) {
            say("ours on SQLite : peer", "ours", "peer", at[i])
            say("ours on PostgreSQL : peer", "postgres", "peer", at[i])
            say("ours on SQLite : ours without a database", "ours", "answerer", at[i])
        }
    }' "$work/results"
