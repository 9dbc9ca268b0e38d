//! The way to other machines: told by names for a good message, and closed in GDAL itself.
//!
//! Names can hide: a text names a text that names a server. So GDAL is made unable: every file system that is not
//! of this machine is replaced by one in which nothing is found, its HTTP client by one that fetches nothing, and
//! PROJ downloads no grids. Drivers that bring a client of their own are not there (see `drivers`).

use std::ffi::{CStr, CString, c_char, c_int, c_void};

/// Whether files of other machines may be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Remote {
    /// They may not.
    #[default]
    Refused,
    /// They may.
    Allowed,
}

/// GDAL's virtual file systems of archives that are looked into before GDAL is (see `archive`), through which a path goes into a file of this machine.
const ARCHIVES: [&str; 3] = ["/vsizip/", "/vsitar/", "/vsigzip/"];

/// A path parted behind the file systems of archives that it begins with; `None` for a path into no archive.
pub(super) fn into_archive(path: &str) -> Option<(&str, &str)> {
    let mut inside = path;
    while let Some(rest) = ARCHIVES.iter().find_map(|prefix| inside.strip_prefix(prefix)) {
        inside = rest;
    }
    Some(path.split_at(path.len() - inside.len())).filter(|(systems, _)| !systems.is_empty())
}

/// File systems that GDAL uses itself.
const OWN: [&str; 2] = ["/vsimem/", "/vsisubfile/"];

/// What in a name reaches beyond the files of this machine, if anything does: a file system of GDAL that is no
/// archive's, or a scheme of a URL.
pub(super) fn reach(name: &str) -> Option<String> {
    let name = name.to_lowercase();
    let mut inside = name.as_str();
    while let Some((_, rest)) = into_archive(inside) {
        inside = rest.trim_start_matches('{');
    }
    // Archives of archives are written without braces, too.
    if let Some(at) = inside.find("/vsi") {
        let system = inside.get(at..).unwrap_or_default();
        let end = system
            .get(1..)
            .and_then(|rest| rest.find(['/', '?']))
            .map_or(system.len(), |end| end + 1);
        let system = system.get(..end).unwrap_or_default();
        if at == 0 || !ARCHIVES.contains(&format!("{system}/").as_str()) {
            return Some(system.to_string());
        }
    }
    let end = inside.find("://")?;
    let begin = inside.get(..end)?.rfind(|letter: char| !letter.is_ascii_alphanumeric());
    Some(inside.get(begin.map_or(0, |at| at + 1)..end + 3)?.to_string())
}

/// What GDAL's HTTP client gives back, as `cpl_http.h` lays it out; of what follows the texts all is empty.
#[repr(C)]
struct Fetched {
    status: c_int,
    content_type: *mut c_char,
    error: *mut c_char,
    rest: [usize; 32],
}

type Fetch = unsafe extern "C" fn(
    *const c_char,
    *const *const c_char,
    *mut c_void,
    *mut c_void,
    *mut c_void,
    *mut c_void,
    *mut c_void,
) -> *mut c_void;

#[expect(unsafe_code, reason = "the bindings leave GDAL's HTTP client out")]
unsafe extern "C" {
    fn CPLHTTPSetFetchCallback(fetch: Option<Fetch>, data: *mut c_void);
}

/// Opens no file of a file system.
#[expect(
    unsafe_code,
    reason = "GDAL calls it by C's convention; it looks at none of its arguments"
)]
unsafe extern "C" fn open_none(
    _data: *mut c_void,
    _name: *const c_char,
    _access: *const c_char,
) -> *mut c_void {
    std::ptr::null_mut()
}

/// Fetches nothing: a result that says so, since after none GDAL would fetch by itself.
#[expect(
    unsafe_code,
    reason = "GDAL frees the result, so it has to come from GDAL's own allocator"
)]
unsafe extern "C" fn fetch_none(
    _url: *const c_char,
    _options: *const *const c_char,
    _progress: *mut c_void,
    _progress_data: *mut c_void,
    _write: *mut c_void,
    _write_data: *mut c_void,
    _data: *mut c_void,
) -> *mut c_void {
    // SAFETY: the block is as large as the structure and zeroed, which is a valid value of each of its fields.
    unsafe {
        let made = gdal_sys::VSICalloc(1, size_of::<Fetched>());
        if let Some(fetched) = made.cast::<Fetched>().as_mut() {
            fetched.status = 1;
            fetched.error = gdal_sys::CPLStrdup(c"not allowed".as_ptr());
        }
        made
    }
}

/// Closes GDAL's HTTP client, or opens it, for the whole process; PROJ never gets one.
#[expect(unsafe_code, reason = "the safe bindings have no calls for the network")]
pub(super) fn open_client(remote: Remote) {
    let fetch: Option<Fetch> = match remote {
        Remote::Refused => Some(fetch_none),
        Remote::Allowed => None,
    };
    // SAFETY: the callback is a function of this program, and there is no data.
    unsafe {
        gdal_sys::OSRSetPROJEnableNetwork(0);
        CPLHTTPSetFetchCallback(fetch, std::ptr::null_mut());
    }
}

/// Closes the file systems of other machines, for the whole process and for good: GDAL has no call that brings them back.
#[expect(unsafe_code, reason = "the safe bindings have no calls for file systems")]
pub(super) fn close_file_systems() {
    // SAFETY: the callback is a function of this program; GDAL copies the structure and the prefix.
    unsafe {
        let callbacks = gdal_sys::VSIAllocFilesystemPluginCallbacksStruct();
        if let Some(callbacks) = callbacks.as_mut() {
            callbacks.open = Some(open_none);
        }
        for prefix in texts(gdal_sys::VSIGetFileSystemsPrefixes()) {
            let is_kept = ARCHIVES.iter().chain(&OWN).any(|kept| *kept == prefix);
            if let (false, Ok(prefix)) = (is_kept, CString::new(prefix)) {
                gdal_sys::VSIInstallPluginHandler(prefix.as_ptr(), callbacks);
            }
        }
        gdal_sys::VSIFreeFilesystemPluginCallbacksStruct(callbacks);
    }
}

/// Forgets what went wrong in GDAL before, on this thread.
#[expect(unsafe_code, reason = "the bindings keep GDAL's state of errors to themselves")]
pub(super) fn forget_failures() {
    // SAFETY: a call without arguments that clears a state of this thread.
    unsafe { gdal_sys::CPLErrorReset() };
}

/// Whether something went wrong in GDAL since then, on this thread.
#[expect(unsafe_code, reason = "the bindings keep GDAL's state of errors to themselves")]
pub(super) fn has_failed() -> bool {
    // SAFETY: a call without arguments that reads a state of this thread.
    unsafe { gdal_sys::CPLGetLastErrorType() >= gdal_sys::CPLErr::CE_Failure }
}

/// The texts of a list that GDAL made, which is given back.
#[expect(unsafe_code, reason = "the safe bindings do not tell the files of a dataset")]
pub(super) fn texts(list: *mut *mut c_char) -> Vec<String> {
    let mut texts = Vec::new();
    if list.is_null() {
        return texts;
    }
    // SAFETY: a list of GDAL is an array of texts that end with a zero, and ends with a null pointer.
    unsafe {
        let mut at = list;
        while !(*at).is_null() {
            texts.push(CStr::from_ptr(*at).to_string_lossy().into_owned());
            at = at.add(1);
        }
        gdal_sys::CSLDestroy(list);
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_reach_beyond_the_files_of_this_machine_are_told() {
        for (name, wanted) in [
            ("/vsizip//vsicurl/http://a/b.zip/c.tif", "/vsicurl"),
            ("/vsizip/{/vsis3/b.zip}/c.tif", "/vsis3"),
            ("/vsicurl?url=http://a", "/vsicurl"),
            ("/vsistdin/", "/vsistdin"),
            ("HTTPS://example.org/a.tif", "https://"),
            ("NETCDF:\"http://a/b.nc\":pop", "http://"),
        ] {
            assert_eq!(reach(name).as_deref(), Some(wanted), "{name}");
        }
        for local in [
            "C:\\a.tif",
            "/vsizip/a.zip/b.tif",
            "/vsizip/vsitar/a.tar/b.tif",
            "/vsizip//vsitar/a.tar/b.zip/c.tif",
            "NETCDF:\"a.nc\":pop",
            "maps:1.tif",
        ] {
            assert_eq!(reach(local), None, "{local}");
        }
    }
}
