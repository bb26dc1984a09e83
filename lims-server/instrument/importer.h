// What the registry knows about a format of raw files.
#ifndef LIMS_INSTRUMENT_IMPORTER_H_
#define LIMS_INSTRUMENT_IMPORTER_H_

#include <string_view>

#include "base/result.h"
#include "lims/v1/assay.pb.h"

namespace lims::instrument {

struct Importer {
  std::string_view format;       // name in methods and requests: quantstudio_text
  std::string_view version;      // changes whenever the same bytes may give other data
  std::string_view description;  // what the file is, for people
  // Whether the start of the file looks like this format. Formats do not overlap.
  bool (*recognises)(std::string_view bytes);
  // The normalised content, with format, parser_version and the line of every row;
  // INVALID_ARGUMENT with every problem of the file.
  Result<v1::RawData> (*parse)(std::string_view bytes);
};

}  // namespace lims::instrument

#endif  // LIMS_INSTRUMENT_IMPORTER_H_
