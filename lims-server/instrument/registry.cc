#include "instrument/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/text.h"
#include "instrument/formats.h"

namespace lims::instrument {

namespace {

std::string FormatList() {
  std::string list;
  for (const Importer& importer : Importers()) {
    list +=
        fmt::format("{}{} ({})", list.empty() ? "" : "; ", importer.format, importer.description);
  }
  return list;
}

}  // namespace

std::span<const Importer> Importers() {
  static const std::array importers{kQuantStudioText, kQuantStudioXlsx, kCqCsv,
                                    kPlateCsv,        kDoseResponseCsv, kPanelCsv};
  return importers;
}

Result<const Importer*> FindImporter(std::string_view format, std::string_view bytes,
                                     std::string_view file_name) {
  const std::string name = file_name.empty() ? "the file" : QuotedForMessage(file_name);
  if (bytes.empty()) return InvalidArgument("file", name + " is empty; export it again");
  const std::span<const Importer> importers = Importers();
  const auto recognised =
      std::find_if(importers.begin(), importers.end(),
                   [&](const Importer& importer) { return importer.recognises(bytes); });
  if (format.empty() || format == "auto") {
    if (recognised != importers.end()) return &*recognised;
    return MakeError(ErrorReason::kUnimplementedFormat,
                     fmt::format("{} is in no format that is read here; export it in one of: {}",
                                 name, FormatList()));
  }
  const auto named =
      std::find_if(importers.begin(), importers.end(),
                   [format](const Importer& importer) { return importer.format == format; });
  if (named == importers.end()) {
    return InvalidArgument("format", fmt::format("{} is not a format; the formats are: {}",
                                                 QuotedForMessage(format), FormatList()));
  }
  // A file that nobody recognises goes on: the named importer says best what is wrong with it.
  if (recognised != importers.end() && recognised != named) {
    return InvalidArgument(
        "format", fmt::format("the file is {}, not {}; check that it is the right file or name "
                              "that format",
                              recognised->format, named->format));
  }
  return &*named;
}

}  // namespace lims::instrument
