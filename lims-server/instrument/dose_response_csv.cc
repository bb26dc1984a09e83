// Responses of preparations at doses, one row a well: preparation,dose,response and, if wanted,
// plate,well.
#include <array>
#include <string_view>

#include "instrument/csv_import.h"
#include "instrument/formats.h"

namespace lims::instrument {

namespace {

constexpr std::array<std::string_view, 3> kRequired{"preparation", "dose", "response"};
constexpr std::array<std::string_view, 2> kOptional{"plate", "well"};

bool Recognises(std::string_view bytes) {
  return CsvHeaderNames(bytes, kRequired);
}

Result<v1::RawData> Parse(std::string_view bytes) {
  SeenKeys seen;
  return ImportCsv(kDoseResponseCsv, bytes, kRequired, kOptional,
                   [&seen](const TableRow& cells, v1::RawRow& row, FileProblems& problems) {
                     FillPlace(cells, seen, row, problems);
                     CheckText(cells["preparation"], "preparation", Presence::kRequired, problems);
                     row.set_name(cells["preparation"].text);
                     CheckNotNegative(cells["dose"], "dose", problems);
                     row.set_dose(cells["dose"].text);
                     CheckNumber(cells["response"], "response", problems);
                     row.mutable_value()->set_value(cells["response"].text);
                   });
}

}  // namespace

constinit const Importer kDoseResponseCsv{
    .format = "dose_response_csv",
    .version = "1",
    .description = "CSV with the columns preparation,dose,response and, if wanted, plate,well",
    .recognises = Recognises,
    .parse = Parse};

}  // namespace lims::instrument
