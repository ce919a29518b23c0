#!/usr/bin/env bash
# Builds kube-apiserver, kube-controller-manager and kube-scheduler 1.20 from Debian's source package into the folder that is given.
# Needs root once, for the compiler; fetches nothing but Debian's packages.
set -euo pipefail
out=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/rampart-kubernetes-build.XXXXXX")
trap 'rm -rf "$work"' EXIT

missing=()
for package in golang-go rsync jq dpkg-dev make; do
  dpkg -s "$package" > /dev/null 2>&1 || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  [ "$(id -u)" = 0 ] || { echo "only root may install ${missing[*]}" >&2; exit 1; }
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${missing[@]}" > /dev/null
fi

# The lists of source packages are fetched into a folder of their own: those of the system stay as they are.
mkdir -p "$work"/{lists/partial,cache/archives/partial,parts,home}
sed -e 's/^Types: .*$/Types: deb-src/' /etc/apt/sources.list.d/debian.sources > "$work/parts/src.sources"
apt=(-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$work/parts" -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache")
cd "$work"
apt-get "${apt[@]}" -qq update
apt-get "${apt[@]}" -qq source --download-only kubernetes > /dev/null 2>&1
dpkg-source -x kubernetes_*.dsc src > /dev/null 2>&1

# The reflect2 of 2018 in this source crashes the API server on the first custom resource when it is built with a Go of today.
apt-get -qq download golang-github-modern-go-reflect2-dev
dpkg -x golang-github-modern-go-reflect2-dev_*.deb reflect2
old=src/vendor/github.com/modern-go/reflect2
new=reflect2/usr/share/gocode/src/github.com/modern-go/reflect2
rm -f "$old"/*.go "$old"/*.s
cp "$new"/*.go "$new"/*.s "$old"/
rm -f "$old"/*_test.go

cd src
mkdir -p .go/src/k8s.io
ln -sfn ../../.. .go/src/k8s.io/kubernetes
env -u GOFLAGS GOPATH="$PWD/.go" GOPROXY=off GOSUMDB=off GOCACHE="$work/gocache" HOME="$work/home" CGO_ENABLED=0 \
  make WHAT="cmd/kube-apiserver cmd/kube-controller-manager cmd/kube-scheduler" > "$work/build.log" 2>&1 || { tail -20 "$work/build.log" >&2; exit 1; }
mkdir -p "$out"
cp _output/bin/kube-apiserver _output/bin/kube-controller-manager _output/bin/kube-scheduler "$out"/
