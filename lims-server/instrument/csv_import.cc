#include "instrument/csv_import.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "base/text.h"
#include "instrument/well.h"

namespace lims::instrument {

Result<v1::RawData> ImportCsv(const Importer& importer, std::string_view bytes,
                              std::span<const std::string_view> required,
                              std::span<const std::string_view> optional, const FillRow& fill) {
  FileProblems problems;
  const CsvTable table = ReadCsv(bytes, required, optional, problems);
  v1::RawData data;
  data.set_format(std::string(importer.format));
  data.set_parser_version(std::string(importer.version));
  for (const CsvRow& row : table.rows) {
    if (problems.full()) break;
    v1::RawRow& raw = *data.add_rows();
    raw.set_line(row.line);
    fill(TableRow{table, row}, raw, problems);
  }
  if (!problems.empty()) return std::move(problems).ToError();
  return data;
}

void FillPlace(const TableRow& cells, SeenKeys& seen, v1::RawRow& row, FileProblems& problems) {
  const CsvField& plate = cells["plate"];
  if (cells.Has("plate")) CheckText(plate, "plate", Presence::kRequired, problems);
  row.set_plate(plate.text);
  if (!cells.Has("well")) return;
  const CsvField& well = cells["well"];
  CheckWell(well, "well", problems);
  row.set_position(well.text);
  if (const auto name = CanonicalWell(well.text)) {
    const std::string on_plate =
        plate.text.empty() ? "" : fmt::format(" of plate {}", QuotedForMessage(plate.text));
    seen.Check(plate.text, *name, "", well, fmt::format("well {}{}", *name, on_plate), problems);
  }
}

}  // namespace lims::instrument
