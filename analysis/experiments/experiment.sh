# What the experiments have in common; each of them sources this. Runs are kept under build/experiments: what was
# interrupted goes on, and a second time only the picture is drawn. PEERBED names another program.

set -eu
peerbed=${PEERBED:-build/release/peerbed}
kept=build/experiments
pictures=docs/pictures
mkdir -p "$kept" "$pictures"
begun=$(date +%s)

# sweep FOLDER ARGUMENT...: what the scenario expects at its own size is not asked of other sizes.
sweep() {
  folder=$kept/$1
  shift
  "$peerbed" sweep "$@" --set 'expect=[violations >= 0]' --resume -o "$folder"
}

# over_sockets FOLDER ARGUMENT...: one run in real time, if it is not there yet.
over_sockets() {
  folder=$kept/$1
  shift
  [ -e "$folder/summary.json" ] ||
    "$peerbed" run "$@" --on sockets --in-process --set 'expect=[violations >= 0]' --out "$folder" --force >/dev/null
}

# draw PICTURE ARGUMENT...
draw() {
  picture=$pictures/$1.svg
  shift
  (cd "$kept" && "$program" plot "$@" --figure curve --force -o "$root/$picture")
  echo "drawn: $picture"
}

root=$(pwd)
case $peerbed in /*) program=$peerbed ;; *) program=$root/$peerbed ;; esac
# `times` tells of the processor what this shell's children took, on its second line.
took() {
  times >"$kept/times"
  echo "took $(($(date +%s) - begun)) s; of the processor, in programs and in the kernel: $(tail -n 1 "$kept/times")"
}
