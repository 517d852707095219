#!/usr/bin/env bash
# Draws docs/console.svg: signs in to the console in front of `cabildo demo`, in tmux, and takes a picture of the queue.
#
#   docs/record-console.sh [FILE [KEY...]]    the keys are those of tmux, pressed once the queue is there
#
# Needs tmux, Python 3, and port 8090 of this machine, where the demo has its staff API.
set -euo pipefail
cd "$(dirname "$0")/.."

file=${1:-docs/console.svg}
keys=("${@:2}")
[ "${#keys[@]}" -gt 0 ] || keys=(j j)
columns=120 rows=32
cargo build --quiet --locked --bin cabildo --bin cabildo-admin
programs="${CARGO_TARGET_DIR:-target}/debug"

folder=$(mktemp -d)
server=(tmux -u -S "$folder/tmux" -f /dev/null)
demo=""
finish() {
    "${server[@]}" kill-server 2>/dev/null || true
    if [ -n "$demo" ]; then kill "$demo" 2>/dev/null || true; wait "$demo" 2>/dev/null || true; fi
    rm -rf "$folder"
}
trap finish EXIT

"$programs/cabildo" demo --data-dir "$folder/data" --listen 127.0.0.1:0 </dev/null >"$folder/phone" 2>"$folder/said" &
demo=$!
line=""
for _ in $(seq 600); do
    line=$(grep 'One-time sign-in code' "$folder/said" || true)
    [ -z "$line" ] || break
    kill -0 "$demo" || { cat "$folder/said" >&2; exit 1; }
    sleep 0.1
done
code=${line##* }
address=$(grep -o -- '--server http://[0-9.]*:[0-9]*' "$folder/said" | head -n 1 | cut -d ' ' -f 2)

screen() { "${server[@]}" capture-pane -p; }
# sees TEXT: waits for it.
sees() {
    for _ in $(seq 300); do
        if screen | grep -qF -- "$1"; then return; fi
        sleep 0.1
    done
    echo "\"$1\" did not come: no picture." >&2
    screen >&2
    exit 1
}
# rests: waits until the screen has stayed the same for a second.
rests() {
    local last="" same=0
    for _ in $(seq 200); do
        if [ "$(screen)" = "$last" ]; then same=$((same + 1)); else same=0; fi
        [ "$same" -lt 10 ] || return 0
        last=$(screen)
        sleep 0.1
    done
}

mkdir "$folder/home"
"${server[@]}" new-session -d -x "$columns" -y "$rows" \
    "env HOME=$folder/home LC_ALL=en_US.UTF-8 TERM=tmux-256color $programs/cabildo-admin --server $address; read -r _"
"${server[@]}" set-option -q status off
sees Ctrl-N
"${server[@]}" send-keys Enter Enter
"${server[@]}" send-keys -l -- "$code"
"${server[@]}" send-keys Enter
sees " live "
sees "row 1/"
rests
for key in "${keys[@]}"; do
    "${server[@]}" send-keys -- "$key"
    rests
done
"${server[@]}" capture-pane -e -p | python3 docs/terminal_svg.py "$columns" cabildo-admin >"$folder/picture.svg"
size=$(wc -c <"$folder/picture.svg")
[ "$size" -lt 1000000 ] || { echo "The picture has $size bytes." >&2; exit 1; }
mv "$folder/picture.svg" "$file"
echo "wrote $file, $size bytes"
