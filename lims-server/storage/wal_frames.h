// The frames of a commit reach the WAL in few writes instead of two for each page: of the time that
// the writer spends on an act, those system calls were nearly a quarter where it was measured.
#ifndef LIMS_STORAGE_WAL_FRAMES_H_
#define LIMS_STORAGE_WAL_FRAMES_H_

namespace lims::storage {

// Registers, once, a VFS of SQLite that is the system's but for the WAL: frames that follow one
// another wait in memory for the frame that commits them, with which all are written. A frame that
// commits is in the file when SQLite has handed it over, as ever: before that no reader may look
// for it, and what fails is the COMMIT. Returns its name.
const char* GatheredWalVfs();

}  // namespace lims::storage

#endif  // LIMS_STORAGE_WAL_FRAMES_H_
