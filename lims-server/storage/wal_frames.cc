#include "storage/wal_frames.h"

#include <sqlite3.h>

#include <cstring>
#include <new>

namespace lims::storage {
namespace {

constexpr int kFrameHeaderBytes = 24;         // https://www.sqlite.org/walformat.html
constexpr int kMostGathered = (1 << 17) - 1;  // SQLite's own file writes no more at a time

// The file as SQLite sees it; the system's own follows in the same memory.
struct WalFile {
  sqlite3_file base;
  char* gathered;     // room for kMostGathered bytes
  int size;           // of those not written yet
  sqlite3_int64 end;  // where the last write ended, gathered or not
  bool commits;       // the last write was the header of a frame that commits

  sqlite3_file* system() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

WalFile& Of(sqlite3_file* file) {
  return *reinterpret_cast<WalFile*>(file);
}

// Writes what was gathered. What fails is given up, like a write that fails at once.
int WriteGathered(WalFile& wal) {
  if (wal.size == 0) return SQLITE_OK;
  const int size = wal.size;
  wal.size = 0;
  return wal.system()->pMethods->xWrite(wal.system(), wal.gathered, size, wal.end - size);
}

// The size of the database after a commit stands in the header of its last frame only.
bool IsHeaderOfCommit(const unsigned char* bytes, int size) {
  return size == kFrameHeaderBytes && (bytes[4] | bytes[5] | bytes[6] | bytes[7]) != 0;
}

int Write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  WalFile& wal = Of(file);
  const auto* data = static_cast<const unsigned char*>(bytes);
  const bool ends_commit = wal.commits;
  wal.commits = IsHeaderOfCommit(data, size);
  // Anything but the next piece of a sequence of frames, as a header written anew, goes through.
  const bool follows = offset == wal.end;
  if (!follows || wal.size + size > kMostGathered) {
    if (const int code = WriteGathered(wal); code != SQLITE_OK) return code;
  }
  wal.end = offset + size;
  if (!follows) return wal.system()->pMethods->xWrite(wal.system(), bytes, size, offset);
  std::memcpy(wal.gathered + wal.size, data, static_cast<std::size_t>(size));
  wal.size += size;
  return ends_commit ? WriteGathered(wal) : SQLITE_OK;
}

// Every other method sees the file as SQLite wrote it.
template <auto kMethod, typename... Args>
int Forward(sqlite3_file* file, Args... args) {
  WalFile& wal = Of(file);
  if (const int code = WriteGathered(wal); code != SQLITE_OK) return code;
  return (wal.system()->pMethods->*kMethod)(wal.system(), args...);
}

int Close(sqlite3_file* file) {
  WalFile& wal = Of(file);
  const int written = WriteGathered(wal);
  const int closed = wal.system()->pMethods->xClose(wal.system());
  delete[] wal.gathered;
  return written == SQLITE_OK ? closed : written;
}

constexpr sqlite3_io_methods kWalMethods = {
    .iVersion = 1,
    .xClose = Close,
    .xRead = Forward<&sqlite3_io_methods::xRead, void*, int, sqlite3_int64>,
    .xWrite = Write,
    .xTruncate = Forward<&sqlite3_io_methods::xTruncate, sqlite3_int64>,
    .xSync = Forward<&sqlite3_io_methods::xSync, int>,
    .xFileSize = Forward<&sqlite3_io_methods::xFileSize, sqlite3_int64*>,
    .xLock = Forward<&sqlite3_io_methods::xLock, int>,
    .xUnlock = Forward<&sqlite3_io_methods::xUnlock, int>,
    .xCheckReservedLock = Forward<&sqlite3_io_methods::xCheckReservedLock, int*>,
    .xFileControl = Forward<&sqlite3_io_methods::xFileControl, int, void*>,
    .xSectorSize = Forward<&sqlite3_io_methods::xSectorSize>,
    .xDeviceCharacteristics = Forward<&sqlite3_io_methods::xDeviceCharacteristics>,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

int Open(sqlite3_vfs* /*vfs*/, sqlite3_filename name, sqlite3_file* file, int flags,
         int* out_flags) {
  sqlite3_vfs* system = sqlite3_vfs_find(nullptr);
  if ((flags & SQLITE_OPEN_WAL) == 0) return system->xOpen(system, name, file, flags, out_flags);
  auto* wal = new (file) WalFile{};
  wal->gathered = new (std::nothrow) char[kMostGathered];
  if (wal->gathered == nullptr) return SQLITE_NOMEM;
  const int code = system->xOpen(system, name, wal->system(), flags, out_flags);
  if (code == SQLITE_OK) {
    wal->base.pMethods = &kWalMethods;
  } else {
    delete[] wal->gathered;
  }
  return code;
}

}  // namespace

const char* GatheredWalVfs() {
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs made = *sqlite3_vfs_find(nullptr);
    made.zName = "gathered-wal";
    made.szOsFile += static_cast<int>(sizeof(WalFile));
    made.xOpen = Open;
    return made;
  }();
  static const int registered = sqlite3_vfs_register(&vfs, 0);
  return registered == SQLITE_OK ? vfs.zName : nullptr;
}

}  // namespace lims::storage
