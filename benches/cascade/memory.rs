//! How much memory our process needs, where the kernel tells.

use std::fs;

/// Watches the peak of our resident memory from now on.
pub struct Watch {
    before: u64,
}

impl Watch {
    pub fn start() -> Option<Self> {
        // Sets the peak back to what is resident now.
        fs::write("/proc/self/clear_refs", "5").ok()?;
        Some(Self {
            before: status("VmRSS:")?,
        })
    }

    /// By how many KiB the peak is above the beginning.
    pub fn grown(&self) -> Option<u64> {
        Some(status("VmHWM:")?.saturating_sub(self.before))
    }
}

fn status(name: &str) -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.trim().trim_end_matches("kB").trim_end().parse().ok()
}
