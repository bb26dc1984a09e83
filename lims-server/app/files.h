// Folders and small files with secrets: private; files are written whole and durable.
#ifndef LIMS_APP_FILES_H_
#define LIMS_APP_FILES_H_

#include <string>
#include <string_view>

#include "base/result.h"

namespace lims::app {

// Makes the folder and those above it that are missing; it is private also when it was there
// before.
Result<void> MakePrivateFolder(const std::string& path);

// Writes through a temporary name, flushes, renames and flushes the directory. Mode 0600.
Result<void> WriteFile(const std::string& path, std::string_view bytes);
Result<std::string> ReadFile(const std::string& path);

}  // namespace lims::app

#endif  // LIMS_APP_FILES_H_
