# Sourced by quickstart and tests/run: makes sure that the Debian packages are there.
# As root it installs what is missing; otherwise it prints the one line to run and stops.

BUILD_PACKAGES="build-essential cmake ninja-build ccache lld git libgrpc++-dev protobuf-compiler
protobuf-compiler-grpc libprotobuf-dev libjemalloc-dev libsqlite3-dev libssl-dev openssl libargon2-dev
libintelrdfpmath-dev libcli11-dev libspdlog-dev libfmt-dev nlohmann-json3-dev libeigen3-dev
libboost-math-dev libutf8proc-dev libzip-dev libpugixml-dev libgtest-dev librapidcheck-dev"
TEST_PACKAGES="sqlite3 golang-go golang-golang-x-mod-dev nodejs npm"

need_packages() {
  local missing="" package
  for package in "$@"; do
    case $package in
      # These also come from elsewhere: what counts is that the command is there.
      nodejs) command -v node >/dev/null && continue ;;
      npm) command -v npm >/dev/null && continue ;;
    esac
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
      missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    echo "packages are missing; run this as root, then start again:" >&2
    echo "  apt-get update && apt-get install -y --no-install-recommends$missing" >&2
    exit 3
  fi
  echo "== installing$missing"
  apt-get update -qq
  # shellcheck disable=SC2086  # a list of package names
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}
