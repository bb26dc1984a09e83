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
# Long answers are shown cut; the log of the site holds them whole.
cat "$TMP/quickstart.out" "$DEMO/quickstart.log" >"$TMP/all"
shows() { check "it shows $1" grep -Eq -- "$2" "$TMP/all"; }
if [ -e "$SOURCE/../shared/data/qpcr/quantstudio_rtpcr_example04.txt" ]; then
  shows "the slope of the instrument's own standard curve" '-3\.383'
  shows "its efficiency" '97\.50'
fi
shows "an invalid plate" 'INVALID_RUN'
shows "its repeat" 'kind: REPEAT_INVALID$'
shows "the relative potency of lot A" 'POT-RP/1  106 % '
shows "that lot A was not releasable too early" 'NOT_RELEASABLE: lot SC-2026-0001 is not releasable'
shows "that lot B is not releasable" 'NOT_RELEASABLE: lot SC-2026-0002 is not releasable'
shows "lot A released" '^  SC-2026-0001 .* RELEASED( |$)'
shows "lot B rejected" '^  SC-2026-0002 .* REJECTED( |$)'
shows "a site that verifies" '"verified":true'

# ---- the exported history

check "lims verifies the bundle" "$BIN/lims" audit verify "$DEMO/bundle"
check "lims refuses the bundle with a changed value" \
  fails_with 5 "NOT verified" "$BIN/lims" audit verify "$DEMO/bundle-tampered"
check "the Go verifier builds from the packages of the system" \
  env GO111MODULE=off GOPATH=/usr/share/gocode GOFLAGS= \
  go build -o "$TMP/verifier" "$HERE/verifier/main.go"
check "the Go verifier verifies the bundle" "$TMP/verifier" "$DEMO/bundle"
check "the Go verifier refuses the bundle with a changed value" \
  fails_with 1 "does not have the leaf hash" "$TMP/verifier" "$DEMO/bundle-tampered"
check "the shell verifies the bundle with OpenSSL alone" \
  "$SOURCE/deploy/verify-bundle.sh" "$DEMO/bundle"

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
