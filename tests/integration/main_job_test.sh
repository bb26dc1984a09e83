#!/usr/bin/env bash
# Plays the main job with deploy/quickstart and checks what it shows and leaves behind, with
# programs that share nothing with the product where there are any.
#   main_job_test.sh SOURCE_DIR BUILD_DIR
# Prints a line for each check; exit code 1 when one failed.
# shellcheck disable=SC2317  # functions are called through check
set -uo pipefail
[ $# -eq 2 ] || { echo "usage: main_job_test.sh SOURCE_DIR BUILD_DIR" >&2; exit 2; }
SOURCE=$(cd "$1" && pwd) || exit 2
BIN=$(cd "$2/bin" && pwd) || exit 2
HERE=$(cd "$(dirname "$0")" && pwd)
TMP=$(mktemp -d)
SITE=$TMP/site
DEMO=$SITE/demo
STOPPED=no

stop() {
  [ "$STOPPED" = no ] || return 0
  STOPPED=yes
  "$SOURCE/deploy/quickstart" --stop --site "$SITE" >"$TMP/stop.out" 2>&1
}
trap 'stop; rm -rf "$TMP"' EXIT
trap 'exit 130' INT TERM

passed=0
failed=0
# check WHAT COMMAND…: the command must succeed; what it printed is shown when it fails.
check() {
  local what=$1
  shift
  if "$@" >"$TMP/out" 2>&1; then
    passed=$((passed + 1))
    echo "ok - $what"
  else
    failed=$((failed + 1))
    echo "not ok - $what"
    tail -n 20 "$TMP/out" | sed 's/^/  /'
  fi
}
# fails_with CODE PHRASE COMMAND…: the exit code and a phrase of what it prints.
fails_with() {
  local want=$1 phrase=$2 code=0 said
  shift 2
  said=$(timeout 60 "$@" 2>&1) || code=$?
  printf 'exit code %s: %s\n' "$code" "$said"
  [ "$code" = "$want" ] && grep -qF -- "$phrase" <<<"$said"
}
finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
  exit
}

# ---- the main job

code=0
"$SOURCE/deploy/quickstart" --site "$SITE" --keep >"$TMP/quickstart.out" 2>&1 || code=$?
check "quickstart ends with exit code 0" [ $code = 0 ]
if [ $code != 0 ]; then
  tail -n 40 "$TMP/quickstart.out" | sed 's/^/  /'
  finish
fi
# What a person at the screen sees, not what the log of the site holds beside it.
shows() { check "the screen shows $1" grep -Eq -- "$2" "$TMP/quickstart.out"; }
skipped() { echo "skip - $1"; }

A=SC-2026-0001
B=SC-2026-0002
# RNase P: the real export where it is, else the example; the screen says which.
if grep -q '^== real input: a QuantStudio 7 standard curve' "$TMP/quickstart.out"; then
  shows "the slope of the instrument's own standard curve" '^ *run +slope +-3\.383 '
  shows "its efficiency beside the vendor's" '^ *run +efficiency_percent +97\.50 +% '
  shows "a quantity of lot A beside the vendor's own" "^ *$A RNASEP/1 +quantity_mean +[0-9.]+ .* [0-9.]+$"
  shows "a quantity of lot B beside the vendor's own" "^ *$B RNASEP/1 +quantity_mean +[0-9.]+ .* [0-9.]+$"
else
  shows "that the standard curve is an example" '^== example input: a standard curve'
  shows "the slope of the example's standard curve" '^ *run +slope +-3\.'
  shows "a quantity in the example" "^ *$A RNASEP/1 +quantity_mean +6[0-9]{3}"
  skipped "figures of the instrument's own export: it is not in the shared folder (label external)"
fi
# Potency.
shows "the relative potency of lot A" "^ *$A POT-RP/1 +rp +1\.063 +1\.033 to 1\.094"
shows "that similarity was tested by F" "^ *ok +$A POT-RP/1 +p_parallelism +[0-9.]+ +>= 0\.05"
shows "the equivalence of B" "^ *$A POT-RP/1 +b_ratio +[0-9.]+ +[0-9.]+ to [0-9.]+"
shows "the equivalence of D - A" "^ *$A POT-RP/1 +range_ratio +[0-9.]+ +[0-9.]+ to [0-9.]+"
shows "the reported potency of lot A" "^ *$A .* POT-RP .* 106 +% +PASS"
shows "the reported potency of lot B" "^ *$B .* POT-RP .* 62 +% +OOS_SUSPECTED"
for lot in $A $B; do
  shows "the second planned run of inhibition of $lot" "^ *$lot .*PLANNED_RUN 2/2 .*POT-LYM .*PASS"
done
# hTERT.
shows "an invalid plate" 'INVALID_RUN$'
shows "the contaminated control that made it so" '^ *FAILED +run +ntc .*31\.2'
for lot in $A $B; do
  shows "hTERT of $lot repeated and not detected" "^ *$lot .*TERT +2 +REPEAT_INVALID +VALID +TERT .*NOT_DETECTED .*PASS"
done
# The virus panel.
for lot in $A $B; do
  for virus in HIV1 HBV HCV HCMV EBV HHV6 HHV7 HPV16 HPV18 BKV JCV; do
    shows "$virus of $lot" "^ *$lot .*HV-PCR +1 +ORIGINAL +VALID +HV-$virus +.*NEGATIVE .*PASS"
  done
  shows "the internal control of $lot" "^ *ok +$lot HV-PCR/1 +internal_control "
done
shows "the process control of the virus panel" '^ *ok +run +process_control '
# Sterility.
shows "the start of the sterility test" '^\$ lims --user tech1 run create --method M-STER '
for day in 1 3 5 7 10 14; do
  shows "the reading of day $day" "^== day $day$"
done
shows "no growth in the negative control" '^ *ok +run +negative_control +FTM +no growth at FTM-NEG for 14 d'
shows "growth in the positive control" '^ *ok +run +positive_control +FTM-POS +growth after 3 d'
for lot in $A $B; do
  shows "14 x 24 h of $lot" "^ *ok +$lot STER/1 +incubation +14 d 0 h"
  shows "the sterility of $lot" "^ *$lot .*STER +1 +ORIGINAL +VALID +STER .*NO_GROWTH .*PASS"
done
# The decisions.
every_blocker_of() { # every_blocker_of LOT: as many as the refusal counts
  local told shown
  told=$(sed -n "s/^ *lims: NOT_RELEASABLE: lot $1 is not releasable: \([0-9]*\) blocker.*/\1/p" "$TMP/quickstart.out")
  shown=$(awk -v lot="lot $1 is not" '/NOT_RELEASABLE/ { on = index($0, lot) } on && /^    / { n++ }
    /exit code/ { on = 0 } END { print n + 0 }' "$TMP/quickstart.out")
  echo "$told told, $shown shown"
  [ -n "$told" ] && [ "$told" = "$shown" ]
}
shows "that lot A was not releasable too early" "NOT_RELEASABLE: lot $A is not releasable"
check "the screen shows every blocker of lot A" every_blocker_of $A
shows "that lot B is not releasable" "NOT_RELEASABLE: lot $B is not releasable"
check "the screen shows every blocker of lot B" every_blocker_of $B
shows "what is signed at the release, in words" "to do: +release lot $A, without remarks"
shows "why lot B is rejected, in what is signed" "to do: +reject lot $B, reason: relative potency 62 %, below 80 %"
shows "lot A released" "^  $A .* RELEASED( |$)"
shows "lot B rejected" "^  $B .* REJECTED( |$)"
shows "a site that verifies" '"verified":true'

# A new lot has more blockers than a refusal has room for.
lims() { "$BIN/lims" --site "$SITE" "$@"; }
MADE=$(date -u -d '-2 days' +%Y-%m-%dT08:00:00+08:00)
check "a third lot is registered" lims --user tech1 lot register SC-2026-0003 --kind DRUG_PRODUCT \
  --product HUC-MSC-INJ --donor D-2025-017 --manufactured "$MADE" \
  --expires "$(date -u -d '+330 days' +%Y-%m-%d)" --parent MCB-2025-0001
lims --user qp1 --output json release prepare SC-2026-0003 --decision RELEASE --out "$TMP/m" >"$TMP/refused.json"
lims --user qp1 --output json lot blockers SC-2026-0003 >"$TMP/blockers.json"
whole_list() {
  local refused known
  refused=$(grep -c '"field": ' "$TMP/refused.json")
  known=$(grep -c '"kind": ' "$TMP/blockers.json")
  echo "$refused violations, $known blockers"
  [ "$refused" -gt 20 ] && [ "$refused" = "$known" ] && ! grep -q ' more"' "$TMP/refused.json"
}
check "a refusal as JSON has a violation for each blocker" whole_list

check "a wrong noun is named" fails_with 2 "'lotss' is no command of lims" "$BIN/lims" lotss
check "a wrong verb is named" \
  fails_with 2 "'shwo' is no command of lims lot" "$BIN/lims" lot shwo "$A"

# ---- the exported history

check "lims verifies the bundle" "$BIN/lims" audit verify "$DEMO/bundle"
check "without --vkey it says whose key it trusted" \
  fails_with 0 "the key that the bundle itself names" "$BIN/lims" audit verify "$DEMO/bundle"
check "without --checkpoint it says that newer events may exist" \
  fails_with 0 "newer events may exist; compare with --checkpoint" \
  "$BIN/lims" audit verify "$DEMO/bundle"
check "lims refuses the bundle with a changed value" \
  fails_with 5 "NOT verified" "$BIN/lims" audit verify "$DEMO/bundle-tampered"
# A copy that gives the submit of a run as if it were another lot's.
cp -r "$DEMO/bundle" "$TMP/withheld"
SUBMITTED=$(grep -l '^{"act":"ACT_SUBMIT_RUN".*"stream":"run/' "$TMP"/withheld/entries/*.json |
  head -n 1)
rm "$SUBMITTED"
sed -i "s#,\"entry\":\"entries/$(basename "$SUBMITTED")\"##" "$TMP/withheld/streams.json"
check "lims refuses the bundle without an event of a run" \
  fails_with 5 "ENTRY_MISSING" "$BIN/lims" audit verify "$TMP/withheld"
check "the Go verifier builds from the packages of the system" \
  env GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= \
  go build -o "$TMP/verifier" "$HERE/verifier/main.go"
check "the Go verifier verifies the bundle" "$TMP/verifier" "$DEMO/bundle"
check "the Go verifier refuses the bundle with a changed value" \
  fails_with 1 "does not have the leaf hash" "$TMP/verifier" "$DEMO/bundle-tampered"
nothing_missing() {
  "$SOURCE/deploy/verify-bundle.sh" "$DEMO/bundle" >"$TMP/shell.out" &&
    grep -q "^nothing is missing up to the export" "$TMP/shell.out" &&
    grep -q "^as of 20.*newer events may exist" "$TMP/shell.out"
}
check "the shell verifies the bundle with OpenSSL alone" nothing_missing

# ---- the server

ADDRESS=$(cat "$SITE/client/server")
check "a second server on the site refuses to start" \
  fails_with 4 "another server runs on this site" \
  "$BIN/lims-server" serve --site "$SITE" --listen 127.0.0.1:0
check "a second site is made" "$BIN/lims-server" init --site "$TMP/second" --name second \
  --listen "$ADDRESS" --zone Asia/Shanghai --utc-offset +08:00 --admin "admin1=One" \
  --admin "admin2=Two" --code-dir "$TMP/second-codes"
check "a server of another site refuses to start on the same port" \
  fails_with 4 "cannot listen on $ADDRESS" "$BIN/lims-server" serve --site "$TMP/second"

# What the server says after the handshake: HTTP/2 speaks first, but only to a terminal that it
# accepts.
server_says() {
  timeout 3 openssl s_client -quiet -connect "$ADDRESS" -CAfile "$SITE/client/ca.pem" \
    -verify_return_error -alpn h2 "$@" </dev/null 2>"$TMP/tls.err" >"$TMP/tls.out"
  cat "$TMP/tls.err"
  [ -s "$TMP/tls.out" ]
}
says_nothing() { ! server_says "$@"; }
TERMINAL=(-cert "$SITE/client/terminal.pem" -key "$SITE/client/terminal.key")
check "TLS 1.3 with the terminal's certificate is accepted" server_says -tls1_3 "${TERMINAL[@]}"
check "TLS 1.2 is refused" says_nothing -tls1_2 "${TERMINAL[@]}"
check "TLS 1.3 without certificate is refused" says_nothing -tls1_3

only_the_owner_reads() {
  local path
  for path in "$@"; do
    [ "$(stat -c %a "$path")" = 600 ] || { stat -c '%a %n' "$path"; return 1; }
  done
}
check "passwords and keys are readable by their owner alone" \
  only_the_owner_reads "$DEMO"/*.password "$SITE/client/terminal.key"

# ---- another implementation as client

if [ ! -d "$HERE/grpc-js/node_modules" ]; then
  check "the second client's library is fetched" \
    npm ci --prefix "$HERE/grpc-js" --silent --no-audit --no-fund
fi
node "$HERE/grpc-js/client.mjs" --site "$SITE" --user tech1 >"$TMP/client.out" 2>&1
code=$?
sed 's/^/  /' "$TMP/client.out"
check "the grpc-js client passes all its checks" [ $code = 0 ]

PID=$(cat "$SITE/server.pid")
check "quickstart stops the server" stop
check "the server is gone" [ ! -e "/proc/$PID" ]
finish
