//! The core of the suite with each marker: what tells a deleted row need not be a time that is NULL in active ones.

#![allow(clippy::expect_used, clippy::unwrap_used)]
// SeaORM makes more of an entity than is used here.
#![allow(dead_code)]
// Some markers want a value in active rows, others none: one macro makes the rows of both.
#![allow(clippy::needless_update)]

mod markers {
    #[macro_use]
    mod core;

    mod flag_alone;
    mod mixed;
    mod scheduled;
    mod touch;
    mod version;

    marked! {
        unix_seconds "s_folder" "s_note"
        { #[soft_delete(deleted_at, unix = "seconds")] pub deleted: Option<i32>, }
        active {}
    }
    marked! {
        unix_millis_or_zero "ms_folder" "ms_note"
        { #[soft_delete(unix = "millis", active = 0)] pub deleted_at: i64, }
        active { deleted_at: Set(0), }
    }
    marked! {
        unix_seconds_or_zero_or_null "sn_folder" "sn_note"
        { #[soft_delete(unix = "seconds", active = 0)] pub deleted_at: Option<i64>, pub deletion_id: Option<Uuid>, }
        active {}
    }
    marked! {
        unix_timestamp_millis "um_folder" "um_note"
        { pub deleted_at: Option<ChronoUnixTimestampMillis>, }
        active {}
    }
    marked! {
        sentinel "e_folder" "e_note"
        { #[soft_delete(active = "2037-12-31 23:59:59")] pub deleted_at: DateTimeUtc, }
        active { deleted_at: Set("2037-12-31T23:59:59Z".parse().unwrap()), }
    }
    marked! {
        sentinel_without_zone "en_folder" "en_note"
        { #[soft_delete(active = "9999-12-31")] pub deleted_at: DateTime, pub deletion_id: Option<Uuid>, }
        active { deleted_at: Set("9999-12-31T00:00:00".parse().unwrap()), }
    }
    marked! {
        flag "f_folder" "f_note"
        { #[soft_delete(flag)] pub is_deleted: bool, pub deletion_id: Option<Uuid>, }
        active { is_deleted: Set(false), }
    }
    marked! {
        flag_beside_a_time "ft_folder" "ft_note"
        { #[soft_delete(flag)] pub is_deleted: bool, pub deleted_at: Option<DateTimeUtc>, }
        active { is_deleted: Set(false), }
    }
    marked! {
        number_beside_a_number "n_folder" "n_note"
        {
            #[soft_delete(flag)] pub del_flag: Option<i16>,
            #[soft_delete(deleted_at, unix = "millis", active = 0)] pub delete_time: i64,
        }
        active { delete_time: Set(0), }
    }
}
