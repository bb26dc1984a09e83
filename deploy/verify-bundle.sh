#!/bin/sh
# Checks an exported audit bundle with nothing but a POSIX shell and OpenSSL 3:
#   verify-bundle.sh DIRECTORY
# the signatures of both checkpoints, that the earlier one is a prefix of the newer one, and for
# each event of streams.json its leaf hash and its place in the log. Then that nothing is missing:
# each stream goes from event to event and ends where the export, itself an event, says that it
# does, and only what it says is redacted. Signatures, raw files and files that nothing names are
# not checked.
# Exit codes, as `lims audit verify` has them: 0 all hold, 2 bad usage, 5 something was found; 6
# what is there holds, but the export, of an earlier version, does not say where streams end.
# shellcheck disable=SC2015  # fail and stop are meant for either condition
set -eu
export LC_ALL=C
[ $# -eq 1 ] && [ -d "$1" ] || { echo "usage: verify-bundle.sh DIRECTORY" >&2; exit 2; }
dir=$1
tmp=$(mktemp -d)
failures=0
verdict=5  # until the end is reached, however the script ends
trap 'rm -rf "$tmp"; exit $verdict' EXIT

fail() { echo "FAILED $*"; failures=$((failures + 1)); }
stop() { fail "$@"; exit; }
sha256() { openssl dgst -sha256 -binary; }
hex() { od -An -v -tx1 | tr -d ' \n'; }
# shellcheck disable=SC2059  # the format is made of octal escapes
unhex() { printf "$(sed 's/../0x& /g' | xargs printf '\\%03o')"; }
unbase64() { openssl base64 -d -A; }
line() { sed -n "$2p" "$1"; }
# node LEFT RIGHT OUT: SHA-256(0x01 || left || right), all three files in $tmp
node() {
  { printf '\001'; cat "$tmp/$1" "$tmp/$2"; } | sha256 >"$tmp/node"
  mv "$tmp/node" "$tmp/$3"
}

# checkpoint FILE: checks the signature of the log's key, sets $size and $root (hex)
checkpoint() {
  head -n 3 "$1" >"$tmp/text"
  [ "$(line "$1" 1)" = "$name" ] || stop "$1: not of the log $name"
  [ -z "$(line "$1" 4)" ] || stop "$1: not three lines of text"
  signed=no
  sed 1,4d "$1" >"$tmp/signatures"
  while read -r _ signer blob; do
    printf %s "$blob" | unbase64 >"$tmp/blob"
    [ "$signer $(head -c 4 "$tmp/blob" | hex)" = "$name $key_id" ] || continue
    tail -c +5 "$tmp/blob" >"$tmp/signature"
    openssl pkeyutl -verify -rawin -pubin -keyform DER -inkey "$tmp/key.der" -in "$tmp/text" \
      -sigfile "$tmp/signature" >"$tmp/log" 2>&1 || stop "$1: wrong signature"
    signed=yes
  done <"$tmp/signatures"
  [ $signed = yes ] || stop "$1: no signature of $name+$key_id"
  size=$(line "$1" 2)
  root=$(line "$1" 3 | unbase64 | hex)
}

# climb POSITION LAST FILE: from $tmp/new, the node at POSITION of a level whose last node is LAST,
# to the root with the hashes in FILE; $tmp/old goes along but takes in left siblings only. The
# order of left and right is that of RFC 9162, sections 2.1.3.2 and 2.1.4.2.
climb() {
  position=$1 last=$2
  while read -r sibling; do
    [ "$last" -gt 0 ] || return 1
    printf %s "$sibling" | unbase64 >"$tmp/sibling"
    if [ $((position % 2)) -eq 1 ] || [ "$position" -eq "$last" ]; then
      node sibling old old
      node sibling new new
      while [ $((position % 2)) -eq 0 ] && [ "$position" -ne 0 ]; do
        position=$((position / 2)) last=$((last / 2))
      done
    else
      node new sibling new
    fi
    position=$((position / 2)) last=$((last / 2))
  done <"$3"
  [ "$last" -eq 0 ]
}

# place INDEX HASHES: whether the hash in $tmp/leaf is there in the newer log, by the hashes of its
# proof, one a line. What is above a node is the same for every event below it and is climbed
# once: nodes found to be below the root are kept in $tmp/known, the hashes above them in variables.
place() {
  position=$1 last=$((size - 1)) level=0 above=${2:+$2$newline} new=path/0-$1
  rm -f "$tmp"/path/*
  mv "$tmp/leaf" "$tmp/$new"
  while [ "$last" -gt 0 ]; do
    if [ -e "$tmp/known/$level-$position" ]; then
      known_above=
      eval "known_above=\$above_${level}_$position"
      [ "$above" = "$known_above" ] && cmp -s "$tmp/$new" "$tmp/known/$level-$position" || return 1
      mv "$tmp"/path/* "$tmp/known"
      return 0
    fi
    eval "above_${level}_$position=\$above"
    while [ $((position % 2)) -eq 0 ] && [ "$position" -eq "$last" ]; do
      position=$((position / 2)) last=$((last / 2)) level=$((level + 1))
    done
    [ -n "$above" ] || return 1
    printf %s "${above%%"$newline"*}" | unbase64 >"$tmp/sibling"
    above=${above#*"$newline"}
    parent=path/$((level + 1))-$((position / 2))
    if [ $((position % 2)) -eq 1 ]; then
      node sibling "$new" "$parent"
    else
      node "$new" sibling "$parent"
    fi
    position=$((position / 2)) last=$((last / 2)) level=$((level + 1)) new=$parent
  done
  [ -z "$above" ] && [ "$(hex <"$tmp/$new")" = "$root" ] || return 1
  mv "$tmp"/path/* "$tmp/known"
}

newline='
'
mkdir "$tmp/path" "$tmp/known"
for file in vkey checkpoint checkpoint.earlier consistency streams.json lot; do
  [ -f "$dir/$file" ] || stop "$file: missing"
done
vkey=$(cat "$dir/vkey")
name=${vkey%%+*}
key_id=${vkey#*+}
key_id=${key_id%%+*}
printf %s "${vkey#*+*+}" | unbase64 >"$tmp/key"
[ "$( (printf '%s\n' "$name"; cat "$tmp/key") | sha256 | head -c 4 | hex)" = "$key_id" ] ||
  stop "vkey: the key id is not the one of name and key"
[ "$(head -c 1 "$tmp/key" | hex)" = 01 ] || stop "vkey: not an Ed25519 key"
(printf '\060\052\060\005\006\003\053\145\160\003\041\000'; tail -c 32 "$tmp/key") >"$tmp/key.der"

checkpoint "$dir/checkpoint.earlier"
earlier=$size earlier_root=$root
checkpoint "$dir/checkpoint"
[ "$earlier" -gt 0 ] && [ "$earlier" -le "$size" ] || stop "checkpoint.earlier is not earlier"

# A complete earlier tree is a node of the newer one and stands for itself, as does an equal one;
# otherwise the first line of the proof is the node to start from.
position=$((earlier - 1)) last=$((size - 1))
[ "$earlier" -lt "$size" ] || position=0 last=0
while [ $((position % 2)) -eq 1 ]; do position=$((position / 2)) last=$((last / 2)); done
if [ "$position" -eq 0 ]; then line "$dir/checkpoint.earlier" 3; fi >"$tmp/proof"
cat "$dir/consistency" >>"$tmp/proof"
line "$tmp/proof" 1 | unbase64 | tee "$tmp/old" >"$tmp/new"
sed 1d "$tmp/proof" >"$tmp/rest"
climb $position $last "$tmp/rest" && [ "$(hex <"$tmp/old")" = "$earlier_root" ] &&
  [ "$(hex <"$tmp/new")" = "$root" ] || fail "checkpoint.earlier is not a prefix of checkpoint"

# Every line as an export writes it: what is read from it below can then be read in one way only.
{ tr -d ' \t\n' <"$dir/streams.json"; echo; } | tr '{\000' '\n?' >"$tmp/streams"
sed 1,2d "$tmp/streams" >"$tmp/events"
lot=$(cat "$dir/lot")
first=$(head -n 2 "$tmp/streams")
export=$(printf %s "$first" | sed -n 's/.*"export_index":\([0-9]*\).*/\1/p')
odd=$(grep -vxE -e '"stream":"[^"]+","head":(0|[1-9][0-9]*),"events":\[' \
  -e '"index":(0|[1-9][0-9]*),"leaf":"[0-9a-f]{64}"(,"entry":"entries/[0-9]+\.json")?\}[],}]*' \
  "$tmp/events" | head -n 1) || true
[ "$first" = "$newline\"lot\":\"$lot\",\"export_index\":$export,\"streams\":[" ] || odd=${first#"$newline"}
[ -z "$odd" ] || stop "streams.json: not as an export writes it: $odd"

# What the export names: the hash of the file that says where each stream ends.
grep -q "^\"index\":$export,.*\"entry\":" "$tmp/events" && [ -f "$dir/entries/$export.json" ] ||
  stop "event $export: not listed"
entry=$(cat "$dir/entries/$export.json")
case $entry in
  '{"act":"ACT_EXPORT",'*"{\"name\":\"lot\",\"value\":\"$lot\"}"*) ;;
  *) stop "event $export: not the export of this lot" ;;
esac
heads=$(printf %s "$entry" | sed -n 's/.*{"name":"heads_sha256","value":"\([0-9a-f]*\)"}.*/\1/p')
day=$(printf %s "$entry" | sed -n 's/.*"stream":"access\/\([0-9-]*\)".*/\1/p')

# follows: whether the event's own words say that it stands at $pos of $stream, behind $before
follows() {
  entry=$dir/entries/$index.json
  if [ $pos -eq 0 ]; then
    grep -q "\"stream\":\"$stream\"" "$entry" && ! grep -q '"prev":"' "$entry"
  else
    grep -q "\"pos\":$pos,\"prev\":\"$before\",.*\"stream\":\"$stream\"" "$entry"
  fi
}

events=0 stream=
while read -r event <&3; do
  case $event in '"stream":'*)
    stream=$(printf %s "$event" | sed 's/"stream":"\([^"]*\)".*/\1/')
    pos=-1
    continue ;;
  esac
  index=$(printf %s "$event" | sed 's/.*"index":\([0-9]*\).*/\1/')
  leaf=$(printf %s "$event" | sed 's/.*"leaf":"\([0-9a-f]*\)".*/\1/')
  proof=$dir/proofs/$index
  events=$((events + 1)) pos=$((pos + 1))
  # Without an entry the event is redacted: its leaf hash alone is looked for in the log.
  case $event in
    *"\"entry\":\"entries/$index.json\""*)
      if [ -f "$dir/entries/$index.json" ] &&
        [ "$( (printf '\000'; cat "$dir/entries/$index.json") | sha256 | hex)" = "$leaf" ]; then
        case ${heads:+named}/$stream in /* | named/access/*) ;; *)
          follows || fail "event $index: not the one that stands there in $stream" ;;
        esac
      else
        fail "event $index: the entry does not have the leaf hash"
      fi ;;
    *'"entry":'*) fail "event $index: its entry has another name" ;;
  esac
  before=$leaf
  [ -f "$proof" ] || { fail "event $index: no proof"; continue; }
  [ "$(head -n 2 "$proof")" = "$(printf 'c2sp.org/tlog-proof@v1\nindex %s' "$index")" ] ||
    fail "event $index: not a proof for it"
  sed '1,/^$/d' "$proof" | cmp -s - "$dir/checkpoint" || fail "event $index: other checkpoint"
  echo "$leaf" | unhex >"$tmp/leaf"
  [ "$index" -lt "$size" ] && place "$index" "$(sed 1,2d "$proof" | sed '/^$/,$d')" ||
    fail "event $index: not in the log at this place"
done 3<"$tmp/events"

if [ -n "$heads" ]; then
  [ -f "$dir/heads" ] && [ "$(sha256 <"$dir/heads" | hex)" = "$heads" ] ||
    stop "heads: not the one that the export names"
  awk -F '"' '
    function put() {
      if (pos != head) pos = "not " head
      if (name != "" && name !~ /^access\//) print pos, leaf, redacted "-", name
    }
    $2 == "stream" {
      put()
      name = $4; split($7, at, /[:,]/); head = at[2]; pos = -1; redacted = ""
    }
    $2 == "index" { pos++; leaf = $6 }
    $2 == "index" && $8 != "entry" { split($3, at, /[:,]/); redacted = redacted at[2] "," }
    END { put() }' "$tmp/events" | sed -e 's/,- / /' | cmp -s - "$dir/heads" ||
    fail "heads: streams end elsewhere, or other events are redacted"
fi

[ $failures -eq 0 ] || exit
echo "verified $events events, checkpoint size $size, earlier size $earlier"
echo "key: $vkey"
if [ -n "$heads" ]; then
  verdict=0
  echo "nothing is missing up to the export, event $export"
else
  verdict=6
  echo "NOT PROVED COMPLETE: the export, of an earlier version, does not say where streams end;" \
    "what is cut off does not show: export the lot again"
fi
echo "as of $day, event $export: newer events may exist, and the key is the bundle's own: compare" \
  "both with what came another way, lims audit verify --vkey KEY --checkpoint FILE"
