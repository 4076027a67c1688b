#!/usr/bin/env bash
# Where RabbitMQ is. Only the tests of agents need it: each starts its own RabbitMQ, on loopback. RABBITMQ, when set, names
# another rabbitmq-server. Knows nothing of its use.
#   rabbitmq.sh server    prints the absolute path of the script that starts one; fails when it is not there
#   rabbitmq.sh install   installs Debian's, and has no service of it run, now or at the next start of the machine
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/toolchain.sh

# Not the script in /usr/sbin, which runs RabbitMQ as another user.
PLACE=/usr/lib/rabbitmq/bin/rabbitmq-server
POLICY=/usr/sbin/policy-rc.d
UNITS=/etc/systemd/system

server() {
    local named=${RABBITMQ:-$PLACE}
    [[ -x $named ]] && command -v epmd >/dev/null && echo "$named"
}

# An installed package starts its service, and starts it again with the machine: a broker on all interfaces, and Erlang's port
# mapper. Units that are not known yet are masked, and a policy forbids all starts while packages are installed.
install() {
    local unit
    if [[ -d $UNITS ]]; then
        for unit in rabbitmq-server.service epmd.service epmd.socket; do
            [[ -e /lib/systemd/system/$unit || -L $UNITS/$unit ]] || as_root ln -s /dev/null "$UNITS/$unit"
        done
    fi
    if [[ ! -e $POLICY ]]; then
        trap 'as_root rm -f "$POLICY"' EXIT
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY" >/dev/null
        as_root chmod 755 "$POLICY"
    fi
    debian_install rabbitmq-server
    # For systems without systemd.
    as_root update-rc.d rabbitmq-server disable >/dev/null 2>&1 || true
}

case ${1:-} in
server) server ;;
install)
    server >/dev/null && exit
    if command -v apt-get >/dev/null; then
        install
    else
        echo "RabbitMQ is not installed, and the tests of agents will fail: install it, and name its rabbitmq-server by RABBITMQ" >&2
    fi
    ;;
*) echo "usage: scripts/rabbitmq.sh server | install" >&2 && exit 2 ;;
esac
