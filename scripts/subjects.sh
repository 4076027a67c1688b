#!/usr/bin/env bash
# Refuses commits whose subject has more than 72 characters: those since the last release or, where there is none, the last 50. Commits
# that this file's newest version has in its history are left out: nobody can change them any more. A clone without history is looked
# at as far as it goes; outside a repository there is nothing to look at.
set -euo pipefail
cd "$(dirname "$0")/.."

MOST=72
export LC_ALL=C.UTF-8 # characters, not bytes

git rev-parse --verify --quiet HEAD >/dev/null 2>&1 || exit 0
rule=$(git log --format=%H -1 -- scripts/subjects.sh)
release=$(git describe --tags --abbrev=0 --match 'v[0-9]*' 2>/dev/null || true)
range=(-50 HEAD)
[[ -z $release ]] || range=(HEAD "^$release")
[[ -z $rule ]] || range+=("^$rule")

long=$(git log --format='%h %s' "${range[@]}" | while read -r commit subject; do
    ((${#subject} <= MOST)) || echo "  $commit has ${#subject}: $subject"
done)
[[ -z $long ]] || { echo "Subjects of commits have at most $MOST characters:" >&2; echo "$long" >&2; exit 1; }
