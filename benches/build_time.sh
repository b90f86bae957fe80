#!/usr/bin/env bash
# What the derive costs when an application is built: benches/build_time.sh
#
# Makes a crate of 50 entities in SeaORM's dense format, each related to its neighbours, once without and once with
# `SoftDelete`, and builds the two in turns. Their dependencies are built before. The ratio of the times is printed: of
# the wall clock, and of the processor, which says more on a busy machine.
#
#   ROUNDS=7             how often both are built
#   ENTITIES=50          how many entities
#   CHAIN=10             how many of them are related to one another, each to the next
#   BUILD_TIME_DIR=…     where; it is kept, so that the next run need not build the dependencies again
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
rounds=${ROUNDS:-7}
entities=${ENTITIES:-50}
chain=${CHAIN:-10}

if [[ -n ${BUILD_TIME_DIR:-} ]]; then
    dir=$BUILD_TIME_DIR
    mkdir -p "$dir"
else
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
    trap 'exit 130' INT TERM
fi
export CARGO_TARGET_DIR=$dir/target
# A whole build each time: without this, the compiler would find most of it unchanged.
export CARGO_INCREMENTAL=0

# package NAME DERIVE DEPENDENCY…
package() {
    local name=$1 derive=$2
    shift 2
    mkdir -p "$dir/$name/src"
    {
        printf '[package]\nname = "%s"\nversion = "0.0.0"\nedition = "2024"\n\n[dependencies]\n' "$name"
        printf '%s\n' "$@"
    } >"$dir/$name/Cargo.toml"

    local place
    {
        # Each dense entity's type contains its neighbours', so that a chain of many is deep.
        echo '#![recursion_limit = "1024"]'
        for ((place = 1; place <= entities; place++)); do
            echo "pub mod entity_$place;"
        done
    } >"$dir/$name/src/lib.rs"
    for ((place = 1; place <= entities; place++)); do
        entity "$place" "$derive" >"$dir/$name/src/entity_$place.rs"
    done
}

entity() {
    local place=$1 derive=$2 before=$(($1 - 1)) after=$(($1 + 1))
    cat <<-RUST
		use sea_orm::entity::prelude::*;

		#[sea_orm::model]
		#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel$derive)]
		#[sea_orm(table_name = "entity_$place")]
		pub struct Model {
		    #[sea_orm(primary_key)]
		    pub id: i64,
		    pub name: String,
		    pub slug: String,
		    pub description: Option<String>,
		    pub position: i32,
		    pub created_at: DateTimeUtc,
		    pub updated_at: DateTimeUtc,
		    pub deleted_at: Option<DateTimeUtc>,
		    pub deletion_id: Option<Uuid>,
	RUST
    if ((before % chain)); then
        cat <<-RUST
			    pub entity_${before}_id: i64,
			    #[sea_orm(belongs_to, from = "entity_${before}_id", to = "id", on_delete = "Cascade")]
			    pub entity_$before: BelongsTo<super::entity_$before::Entity>,
		RUST
    fi
    if ((place % chain && after <= entities)); then
        cat <<-RUST
			    #[sea_orm(has_many)]
			    pub entity_$after: HasMany<super::entity_$after::Entity>,
		RUST
    fi
    cat <<-RUST
		}

		impl ActiveModelBehavior for ActiveModel {}
	RUST
}

sea_orm='sea-orm = { version = "2.0.4", default-features = false, features = ["macros", "with-chrono", "with-uuid"] }'
package without "" "$sea_orm"
package with ", soft_delete::SoftDelete" "$sea_orm" "soft-delete = { path = \"$repository\" }"
printf '[workspace]\nresolver = "3"\nmembers = ["without", "with"]\n' >"$dir/Cargo.toml"
cp "$repository/Cargo.lock" "$dir/Cargo.lock"

# Prints the seconds that it took: wall clock, and processor.
build() {
    touch "$dir/$1/src/lib.rs"
    local TIMEFORMAT='%R %U %S' log=$dir/$1.log seconds
    seconds=$({ time cargo build --quiet --manifest-path "$dir/Cargo.toml" -p "$1" >"$log" 2>&1; } 2>&1) || {
        cat "$log" >&2
        exit 1
    }
    awk '{ print $1, $2 + $3 }' <<<"$seconds"
}

echo "building the dependencies in $dir" >&2
build without >/dev/null
build with >/dev/null

times=$dir/times
: >"$times"
for ((round = 1; round <= rounds; round++)); do
    # Neither always comes first.
    if ((round % 2)); then
        without=$(build without)
        with=$(build with)
    else
        with=$(build with)
        without=$(build without)
    fi
    echo "$without $with" | tee -a "$times" >&2
done

# median COLUMN-EXPRESSION
median() {
    awk "{ print $1 }" "$times" | sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}

range() {
    awk "{ print $1 }" "$times" | sort -g | awk 'NR == 1 { low = $1 } END { printf "%.2f to %.2f", low, $1 }'
}

printf '| %s entities | without | with `SoftDelete` | ratio | of %s builds |\n|---|---:|---:|---:|---:|\n' "$entities" "$rounds"
printf '| wall clock | %.2f s | %.2f s | %.2f | %s |\n' \
    "$(median '$1')" "$(median '$3')" "$(median '$3 / $1')" "$(range '$3 / $1')"
printf '| processor | %.2f s | %.2f s | %.2f | %s |\n' \
    "$(median '$2')" "$(median '$4')" "$(median '$4 / $2')" "$(range '$4 / $2')"
