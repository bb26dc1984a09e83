// Plate reader values by group, one row a well: group,response and, if wanted, plate,well.
#include <array>
#include <string_view>

#include "instrument/csv_import.h"
#include "instrument/formats.h"

namespace lims::instrument {

namespace {

constexpr std::array<std::string_view, 2> kRequired{"group", "response"};
constexpr std::array<std::string_view, 2> kOptional{"plate", "well"};

bool Recognises(std::string_view bytes) {
  return CsvHeaderNames(bytes, kRequired);
}

Result<v1::RawData> Parse(std::string_view bytes) {
  SeenKeys seen;
  return ImportCsv(kPlateCsv, bytes, kRequired, kOptional,
                   [&seen](const TableRow& cells, v1::RawRow& row, FileProblems& problems) {
                     FillPlace(cells, seen, row, problems);
                     CheckText(cells["group"], "group", Presence::kRequired, problems);
                     row.set_name(cells["group"].text);
                     CheckNumber(cells["response"], "response", problems);
                     row.mutable_value()->set_value(cells["response"].text);
                   });
}

}  // namespace

constinit const Importer kPlateCsv{
    .format = "plate_csv",
    .version = "1",
    .description = "CSV with the columns group,response and, if wanted, plate,well",
    .recognises = Recognises,
    .parse = Parse};

}  // namespace lims::instrument
