#!/usr/bin/env bash
# Draws docs/demo.svg: types on the terminal phone in tmux and takes a picture of the screen.
#
#   docs/record.sh                            the conversation of the README
#   docs/record.sh FILE COMMAND [LINE...]     another one: what to run, and what to type
#
# Needs tmux and Python 3. A line is typed when the screen has come to rest.
set -euo pipefail
cd "$(dirname "$0")/.."

columns=60 rows=30
if [ "$#" -ge 2 ]; then
    file=$1 command=$2
    shift 2
    lines=("$@")
else
    file=docs/demo.svg
    cargo build --quiet --locked --bin cabildo
    command="${CARGO_TARGET_DIR:-target}/debug/cabildo chat --db :memory:"
    lines=(tlapa comida mejores)
fi

# A server and a data folder of its own, so that no session is touched and no data release is in use.
folder=$(mktemp -d)
server=(tmux -S "$folder/tmux" -f /dev/null)
trap '"${server[@]}" kill-server 2>/dev/null || true; rm -rf "$folder"' EXIT

# rest BEFORE: waits until the screen differs from BEFORE and has stayed the same for half a second.
rest() {
    local before=$1 last="" now same=0 tries=0
    while [ "$tries" -lt 100 ] && [ "$same" -lt 5 ]; do
        sleep 0.1
        now=$("${server[@]}" capture-pane -e -p)
        if [ "$now" != "$before" ] && [ "$now" = "$last" ]; then same=$((same + 1)); else same=0; fi
        last=$now
        tries=$((tries + 1))
    done
    if [ "$same" -lt 5 ]; then
        echo "The screen did not come to rest within 10 s: no picture." >&2
        exit 1
    fi
}

"${server[@]}" new-session -d -x "$columns" -y "$rows" "env LC_ALL=C.UTF-8 TERM=tmux-256color CABILDO_DATA_DIR=$folder $command; read -r _"
"${server[@]}" set-option -q status off
rest ""
for line in "${lines[@]}"; do
    shown=$("${server[@]}" capture-pane -e -p)
    "${server[@]}" send-keys -l -- "$line"
    "${server[@]}" send-keys Enter
    rest "$shown"
done
"${server[@]}" capture-pane -e -p | python3 docs/terminal_svg.py "$columns" "${command##*/}" >"$folder/picture.svg"
mv "$folder/picture.svg" "$file"
echo "wrote $file"
