#!/usr/bin/env bash
# Looks at the English of the README and the guide: words that are not the field's, and lines that are too long to read.
#
#   tests/words.sh
#
# Tables and fenced text that is not Rust may be longer than 132 columns: neither can be wrapped.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
export LC_ALL=C.UTF-8

mapfile -t files < <(find README.md docs -name '*.md' -type f | sort)

# A word or phrase, and what to write in its place.
words=(
    '\bshall\b=should, must, or the present tense'
    '\bfor good\b=permanently'
    '\bmend(s|ed|ing)?\b=fix'
    '\bgo(es)? by\b=uses, follows, is selected by'
    '\bcomes? back\b=is restored, is returned'
    '\bgo(es)? on\b=continue, resume, keep'
    '\b(is|are) told\b=is reported, gets'
    '\btells? (which|what|how|whether|where|when|why)\b=reports, shows, says'
    '\b(is|are) no ([a-z]+ )+of\b=is not a'
    "'s affair\\b=is up to"
    '\bof (yours|ours|SeaORM'"'"'s) any more\b=no longer'
    '\bsay `--=pass'
    '\bis there already\b=exists'
    '\bas it stands\b=unchanged'
)

status=0
report() {
    echo "$1" >&2
    sed 's/^/    /' <<<"$2" >&2
    status=1
}

# Code and tables of output are quoted as they are: only prose is looked at.
prose() {
    awk '/^ *```/ { code = !code; next } !code { print FILENAME ":" FNR ": " $0 }' "$@"
}

text=$(prose "${files[@]}")
for entry in "${words[@]}"; do
    pattern=${entry%=*} instead=${entry##*=}
    # What stands between backticks is a name or a message.
    if found=$(grep -iE "$pattern" <<<"$(sed 's/`[^`]*`/`…`/g' <<<"$text")"); then
        report "«$pattern»: write $instead" "$found"
    fi
done

# shellcheck disable=SC2016
long=$(awk '
    /^ *```/ { code = !code; rust = code && /```rust/; next }
    (!code && !/^\|/) || rust { print FILENAME ":" FNR ": " $0 }
' "${files[@]}" | grep -E '^[^ ]+: .{133,}$' || true)
[[ -z $long ]] || report "lines over 132 columns" "$long"

exit "$status"
