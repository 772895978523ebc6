# A machine of our own in ./bin: the few tools that tools/deps.sh calls, and a package system that only says what it was
# asked. Packages named in ./missing are not installed. Sourced by the command-line tests of tools/deps.sh.
unset CC
mkdir bin
for tool in sh grep env cat; do ln -s "$(type -P $tool)" bin/$tool; done
fake() { # name; the script on stdin
    { echo '#!/bin/sh'; cat; } >bin/"$1"
    chmod +x bin/"$1"
}
fake dpkg-query <<'X'
for package; do :; done
grep -qx "$package" missing || echo installed
X
fake apt-get <<'X'
echo "apt-get $* (DEBIAN_FRONTEND=$DEBIAN_FRONTEND)"
X
fake id <<'X'
echo 0
X
touch missing
printf 'NAME="Debian GNU/Linux"\nID=debian\n' >os-release
unset DEBIAN_FRONTEND
deps() { PATH=$PWD/bin OS_RELEASE=$PWD/os-release "$ROOT/tools/deps.sh" "$@"; }
