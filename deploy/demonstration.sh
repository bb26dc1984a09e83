# Sourced by quickstart: a demonstration site with its people and a released bank, and what a
# scenario says to it. Wants BIN, the folder of the programs, and the source tree as the directory.
EXAMPLES=schemas/examples

# set_site DIR: the site that everything below speaks to; DEMO holds passwords and scratch files.
set_site() {
  SITE=$1
  DEMO=$SITE/demo
  LOG=$DEMO/quickstart.log
}

# ---- the clock

# Day 0 of what is played, in days from today: what takes two weeks and ends today begins at -14.
FIRST_DAY=0

# set_clock N: it is day N for the server and for whoever types.
set_clock() {
  DAYS_AHEAD=$((FIRST_DAY + $1))
  CLOCK=()
  [ "$DAYS_AHEAD" != 0 ] || return 0
  [ -e "$DEMO/clock_ahead.so" ] || cc -shared -fPIC -o "$DEMO/clock_ahead.so" deploy/clock_ahead.c
  CLOCK=(env "LD_PRELOAD=$DEMO/clock_ahead.so" "LIMS_DAYS_AHEAD=$DAYS_AHEAD")
}

# stamp N [MINUTES]: the time of day N, MINUTES ago, as a person enters it.
stamp() {
  TZ=Asia/Shanghai date -d "$((FIRST_DAY + $1)) days -${2:-1} minutes" +%Y-%m-%dT%H:%M:%S+08:00
}

# ---- the server

start_server() {
  "${CLOCK[@]}" "$BIN/lims-server" serve --site "$SITE" >>"$SITE/server.log" 2>&1 &
  echo $! >"$SITE/server.pid"
  local port
  port=$(sed -n 's/.*:\([0-9]*\)$/\1/p' "$SITE/client/server")
  for _ in $(seq 100); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return 0
    sleep 0.05
  done
  echo "the server does not answer; see $SITE/server.log" >&2
  exit 1
}

# The process that start_server started for this very site; nothing when it has ended.
server_pid() {
  local pid
  pid=$(cat "$SITE/server.pid" 2>/dev/null) || return 0
  if [ -r "/proc/$pid/cmdline" ] && tr '\0' ' ' <"/proc/$pid/cmdline" | grep -qF -- "serve --site $SITE"; then
    echo "$pid"
  fi
}
stop_server() {
  local pid
  pid=$(server_pid)
  if [ -n "$pid" ]; then
    kill "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  fi
  rm -f "$SITE/server.pid"
}

# log_in [USER…]: logs these people in again, or everyone: sessions live in the server's memory.
log_in() {
  local user
  [ $# -gt 0 ] || set -- $(cd "$DEMO" && ls -- *.password | sed 's/\.password$//')
  for user in "$@"; do
    quietly --user "$user" auth login --password-file "$DEMO/$user.password"
  done
}

# day N [USER…]: it is day N, and these people are at work.
day() {
  say "day $1"
  stop_server
  set_clock "$1"
  start_server
  log_in "${@:2}"
}

# ---- talking to the server

lims() { "${CLOCK[@]}" "$BIN/lims" --site "$SITE" "$@"; }

# A step in silence; what it printed is in the log, and shown when it fails.
quietly() {
  echo "\$ lims $*" >>"$LOG"
  if ! lims "$@" >"$DEMO/last" 2>&1; then
    echo "failed: lims $*" >&2
    cat "$DEMO/last" >&2
    exit 1
  fi
  cat "$DEMO/last" >>"$LOG"
}

# A headline step, as a person would type it, with its answer. The first word is the exit code
# that the step must have.
headline() {
  local want=$1 code=0
  shift
  printf '\n$ lims' | tee -a "$LOG"
  local word
  for word in "$@"; do
    case $word in
      "$DEMO"/*) word="demo/${word#"$DEMO"/}" ;;
    esac
    case $word in
      *[[:space:]]*) printf " '%s'" "$word" ;;
      *) printf ' %s' "$word" ;;
    esac
  done | tee -a "$LOG"
  echo
  lims "$@" >"$DEMO/last" 2>&1 || code=$?
  cat "$DEMO/last" >>"$LOG"
  head -n "${LINES_SHOWN:-24}" "$DEMO/last" | sed 's/^/  /'
  local total
  total=$(wc -l <"$DEMO/last")
  [ "$total" -le "${LINES_SHOWN:-24}" ] || echo "  … $((total - ${LINES_SHOWN:-24})) more lines"
  [ "$code" = 0 ] || echo "  (exit code $code)"
  if [ "$code" != "$want" ]; then
    echo "expected exit code $want" >&2
    exit 1
  fi
}

# The last answer must contain this extended regular expression.
expect() {
  grep -qE -- "$1" "$DEMO/last" && return 0
  echo "the last answer lacks: $1" >&2
  cat "$DEMO/last" >&2
  exit 1
}

say() { printf '\n== %s\n' "$*"; }

# name=value lines of a file as --setup arguments, in SETUP. The times of a test that took days are
# moved by whole days until its last reading was within the last one: results are entered when they are
# there.
read_setup() {
  SETUP=()
  [ -e "$1" ] || return 0
  local line last moved=0 now
  last=$(sed -n 's/^last_look=//p' "$1")
  now=$(($(date +%s) + DAYS_AHEAD * 86400))
  if [ -n "$last" ]; then
    moved=$((now - $(date -d "$last" +%s)))
    moved=$((moved - (moved % 86400 + 86400) % 86400))
  fi
  while IFS= read -r line; do
    case $line in
      "") continue ;;
      *=????-??-??T*) line=${line%%=*}=$(TZ=Asia/Shanghai date -d "@$(($(date -d "${line#*=}" +%s) + moved))" +%Y-%m-%dT%H:%M:%S+08:00) ;;
    esac
    SETUP+=(--setup "$line")
  done <"$1"
}

json() { # the value of a field of the last JSON document: json FIELD
  sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" "$DEMO/last" | head -n 1
}

sign() { quietly --user "$1" "${@:2}" --password-file "$DEMO/$1.password"; }

# ---- the site and its people

# Hexadecimal: no user id, which a password must not contain, is made of such digits alone.
new_password() { (umask 077; od -An -v -tx1 -N18 /dev/urandom | tr -d ' \n' >"$DEMO/$1.password"); }
first_login() {
  new_password "$1"
  quietly --user "$1" auth login --password-file "$DEMO/$1.code"
  quietly --user "$1" auth passwd --password-file "$DEMO/$1.code" --new-password-file "$DEMO/$1.password"
  quietly --user "$1" auth login --password-file "$DEMO/$1.password"
}
make_site() {
  say "a demonstration site in $SITE"
  mkdir -p "$DEMO"
  chmod 700 "$DEMO"
  set_clock 0
  local user role name METHODS
  PORT=$((20000 + RANDOM % 20000))
  while (exec 3<>"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null; do PORT=$((PORT + 1)); done
  "${CLOCK[@]}" "$BIN/lims-server" init --site "$SITE" --name demo --listen "127.0.0.1:$PORT" \
    --zone Asia/Shanghai --utc-offset +08:00 \
    --admin "admin1=Administrator One" --admin "admin2=Administrator Two" --code-dir "$DEMO" | tee -a "$LOG"
  start_server

  say "people: one administrator proposes, the other confirms; everyone sets an own password"
  first_login admin1
  first_login admin2
  while read -r user role name; do
    quietly --user admin1 user add "$user" --name "$name" --role "$role" --code-file "$DEMO/$user.code"
    quietly --user admin2 user confirm "$user" --role "$role"
    first_login "$user"
  done <<'PEOPLE'
tech1 TECHNICIAN Technician One
tech2 TECHNICIAN Technician Two
rev1 REVIEWER Reviewer One
sup1 LAB_SUPERVISOR Supervisor One
md1 MASTER_DATA Master Data One
qa1 QA Quality Officer One
qp1 QP Qualified Person One
qp2 QP Qualified Person Two
auditor1 AUDITOR Auditor One
PEOPLE
  rm -f "$DEMO"/*.code
  headline 0 --user admin1 user list

  say "methods and the model specification: drafted by md1, approved by qa1"
  quietly --user md1 method import schemas/methods/*.textproto
  METHODS=$(cd schemas/methods && ls | sed 's/\.textproto$//')
  # shellcheck disable=SC2086  # a list of method ids
  quietly --user md1 method submit $METHODS
  # shellcheck disable=SC2086
  sign qa1 method approve $METHODS
  headline 0 --user md1 spec import schemas/specifications/huc-msc-injection.textproto
  quietly --user md1 spec submit HUC-MSC-INJ
  headline 0 --user qa1 spec approve HUC-MSC-INJ --password-file "$DEMO/qa1.password"
}

# ---- what every lot needs

# register LOT KIND MANUFACTURED EXPIRES [--parent LOT…]
declare -A MADE_AT
register() {
  MADE_AT[$1]=$3
  quietly --user tech1 lot register "$1" --kind "$2" --product HUC-MSC-INJ --donor D-2025-017 \
    --manufactured "$3" --expires "$4" "${@:5}"
  quietly --user sup1 lot confirm "$1" --manufactured "$3" "${@:5}"
}
# sample LOT SAMPLE PURPOSE POINT: taken when the lot was made
sample() {
  quietly --user tech2 sample plan "$2" --lot "$1" --purpose "$3" --point "$4" --container 1 \
    --amount "5.0 mL" --storage "<= -150 °C"
  quietly --user tech2 sample take "$2" --taken "${MADE_AT[$1]}"
  quietly --user sup1 sample receive "$2" --condition "frozen, seal intact"
}
# panels LOT FOLDER [PANEL]: every typed panel of a folder but that one, one file each
panels() {
  local file panel count=0
  for file in "$EXAMPLES/$2"/*.csv; do
    panel=$(basename "$file" .csv)
    case $panel in facts | attestations | "${3:-facts}") continue ;; esac
    read_setup "$EXAMPLES/$2/setup/$panel.txt"
    quietly --user tech1 result submit "$1" "$panel" --input "$file" "${SETUP[@]}" --instrument "bench 1" --yes
    count=$((count + 1))
  done
  echo "  $count panels submitted for $1"
}
# attest LOT FOLDER: each role signs its lines
attest() {
  local role user
  for user in qa1 sup1 qp1; do
    case $user in qa1) role=QA ;; sup1) role=LAB_SUPERVISOR ;; *) role=QP ;; esac
    awk -F, -v role="$role" 'NR == FNR { roles[$1] = $2; next }
        FNR == 1 || roles[$1] == role' "$DEMO/roles.csv" "$EXAMPLES/$2/attestations.csv" >"$DEMO/attest.csv"
    [ "$(wc -l <"$DEMO/attest.csv")" -le 1 ] || sign "$user" attest "$1" --input "$DEMO/attest.csv"
  done
}
# release LOT USER
release() {
  rm -f "$DEMO/$1.manifest"
  headline 0 --user "$2" release prepare "$1" --decision RELEASE --out "$DEMO/$1.manifest"
  headline 0 --user "$2" release sign "$1" --manifest "$DEMO/$1.manifest" --password-file "$DEMO/$2.password"
}
# run METHOD MAP SETUP FILE…: plans a run and submits its files; the run's name is in RUN
run() {
  read_setup "$3"
  quietly --user tech1 --output json run create --method "$1" --map "$2" --instrument "demo instrument" "${SETUP[@]}"
  RUN=$(json run_id)
  headline 0 --user tech1 run submit "$RUN" --input "${@:4}"
}

# virus_plate NAME SAMPLE…: a clear virus panel plate for samples of product lots, in DEMO: NAME.csv
# and its map. WELLS undiluted wells a target, and with DILUTED=10 two at 1:10.
virus_plate() {
  awk -v samples="${*:2}" -v wells="${WELLS:-2}" -v diluted="${DILUTED:-}" \
    -v map="$DEMO/$1-map.csv" -v data="$DEMO/$1.csv" '
    function add(role, sample, target, dilution, cq) {
      well = substr("ABCDEFGHIJKLMNOP", int(n / 24) + 1, 1) (n % 24 + 1)
      n++
      print well "," role "," sample "," target ",," dilution "," >map
      print well "," (sample == "" ? tolower(role) : sample) "," target "," cq >data
    }
    BEGIN {
      print "position,role,sample,target,file_name,dilution,omit_reason" >map
      print "well,sample,target,cq" >data
      none = "Undetermined"
      count = split("HIV1 HBV HCV HCMV EBV HHV6 HHV7 HPV16 HPV18 BKV JCV", targets, " ")
      split(samples, sample, " ")
      for (s = 1; s in sample; s++) {
        for (t = 1; t <= count; t++) {
          for (w = 0; w < wells; w++) add("SAMPLE", sample[s], targets[t], "", none)
          for (w = 0; w < 2 && diluted != ""; w++) add("SAMPLE", sample[s], targets[t], diluted, none)
        }
        add("SAMPLE", sample[s], "IC", "", "28.6")
        if (diluted != "") add("SAMPLE", sample[s], "IC", diluted, "29.0")
        add("SAMPLE", sample[s], "RNASEP", "", "23.4")
        add("SAMPLE", sample[s], "TAG", "", none)
      }
      add("PROCESS_CONTROL", "", "TAG", "", "30.4")
      add("EXTRACTION_BLANK", "", "IC", "", "28.5")
      for (t = 1; t <= count; t++) {
        if (targets[t] ~ /^(HPV16|HPV18|BKV|JCV)$/) add("PROCESS_CONTROL", "", targets[t], "", "30.1")
        add("EXTRACTION_BLANK", "", targets[t], "", none)
        add("NTC", "", targets[t], "", none)
        add("POSITIVE_CONTROL", "", targets[t], "", "33.6")
      }
    }'
}
# virus_cq NAME SAMPLE TARGET CQ [WELLS]: what that plate shows there, in the first WELLS or in all;
# SAMPLE may be a control: ntc.
virus_cq() {
  awk -F, -v OFS=, -v sample="$2" -v target="$3" -v cq="$4" -v wells="${5:-99}" \
    '$2 == sample && $3 == target && wells-- > 0 { $4 = cq } { print }' "$DEMO/$1.csv" >"$DEMO/plate"
  mv "$DEMO/plate" "$DEMO/$1.csv"
}
# VIRUS_SETUP: what such a plate is made with, but its extraction
VIRUS_SETUP=(--setup process_control_lot=PV-2025-02 --setup process_control_expiry=2035-06
  --setup reagent_lots=EXK-118,MIX-9120,PP-0402 --setup reagents_expiry=2035-03)
# virus_run NAME EXTRACTION: plans and submits such a plate; the run's name is in RUN
virus_run() {
  sed "s/^extraction_batch=.*/extraction_batch=$2/" "$EXAMPLES/hv-pcr-setup.txt" >"$DEMO/virus-setup.txt"
  run M-HV-PCR "$DEMO/$1-map.csv" "$DEMO/virus-setup.txt" "$DEMO/$1.csv"
}

MADE=$(date -u -d '-30 days' +%Y-%m-%dT08:00:00+08:00)
EXPIRES=$(date -u -d '+330 days' +%Y-%m-%d)

# ---- the bank

make_bank() {
  local lot
  # Roles of the attestation lines, from the specification itself.
  awk '/^attestations \{/ { inside = 1; code = ""; role = "" }
       inside && /^  code:/ { gsub(/"/, "", $2); code = $2 }
       inside && /^  role:/ { role = $2; sub(/^ROLE_/, "", role) }
       /^\}/ { if (inside) print code "," role; inside = 0 }' \
    schemas/specifications/huc-msc-injection.textproto >"$DEMO/roles.csv"
  say "the bank: a master cell bank and its end-of-production cells, tested, reviewed, released"
  register MCB-2025-0001 MCB 2025-03-10T10:00:00+08:00 2035-03
  sample MCB-2025-0001 MCB-2025-0001-S1 RELEASE BANK_VIAL
  register EOPC-2025-0001 EOPC 2025-05-12T10:00:00+08:00 2035-05 --parent MCB-2025-0001
  sample EOPC-2025-0001 EOPC-2025-0001-S1 RELEASE BANK_VIAL
  sign qa1 lot fact MCB-2025-0001 --input "$EXAMPLES/bank/facts.csv"
  sign qa1 lot fact EOPC-2025-0001 --input "$EXAMPLES/eopc/facts.csv"
  panels MCB-2025-0001 bank
  panels EOPC-2025-0001 eopc
  LINES_SHOWN=12 run M-TERT "$EXAMPLES/tert-plate-bank-map.csv" "$EXAMPLES/tert-setup.txt" "$EXAMPLES/tert-plate-bank.txt"
  LINES_SHOWN=12 run M-HV-PCR "$EXAMPLES/hv-pcr-bank-map.csv" "$EXAMPLES/hv-pcr-setup.txt" "$EXAMPLES/hv-pcr-bank.csv"
  for lot in MCB-2025-0001 EOPC-2025-0001; do
    sign rev1 result review "$lot"
  done
  attest MCB-2025-0001 bank
  attest EOPC-2025-0001 eopc
  release MCB-2025-0001 qp1
  release EOPC-2025-0001 qp1
}
