// Which formats of raw files are read, and which of them a file has.
#ifndef LIMS_INSTRUMENT_REGISTRY_H_
#define LIMS_INSTRUMENT_REGISTRY_H_

#include <span>
#include <string_view>

#include "base/result.h"
#include "instrument/importer.h"

namespace lims::instrument {

std::span<const Importer> Importers();

// The importer named `format`, or with "auto" or "" the one that recognises the file.
// INVALID_ARGUMENT: no such format, an empty file, or one that is recognisably of another format.
// UNIMPLEMENTED_FORMAT: no importer recognises the file.
Result<const Importer*> FindImporter(std::string_view format, std::string_view bytes,
                                     std::string_view file_name);

}  // namespace lims::instrument

#endif  // LIMS_INSTRUMENT_REGISTRY_H_
