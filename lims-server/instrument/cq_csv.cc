// A table of quantification cycles, one row a well and target: well,sample,target,cq and, if
// wanted, task,quantity,call.

#include <array>
#include <string_view>

#include "instrument/csv_import.h"
#include "instrument/formats.h"

namespace lims::instrument {

namespace {

constexpr std::array<std::string_view, 4> kRequired{"well", "sample", "target", "cq"};
constexpr std::array<std::string_view, 3> kOptional{"task", "quantity", "call"};

bool Recognises(std::string_view bytes) {
  return CsvHeaderNames(bytes, kRequired);
}

Result<v1::RawData> Parse(std::string_view bytes) {
  SeenKeys seen;
  return ImportCsv(kCqCsv, bytes, kRequired, kOptional,
                   [&seen](const TableRow& cells, v1::RawRow& row, FileProblems& problems) {
                     const CsvField& well = cells["well"];
                     const CsvField& target = cells["target"];
                     CheckWell(well, "well", problems);
                     row.set_position(well.text);
                     CheckText(cells["sample"], "sample", Presence::kMayBeEmpty, problems);
                     row.set_name(cells["sample"].text);
                     CheckText(target, "target", Presence::kRequired, problems);
                     row.set_target(target.text);
                     CheckText(cells["task"], "task", Presence::kMayBeEmpty, problems);
                     row.set_task(cells["task"].text);
                     CheckText(cells["call"], "call", Presence::kMayBeEmpty, problems);
                     row.set_call(cells["call"].text);
                     ReadCq(cells["cq"], "cq", row, problems);
                     if (const CsvField& quantity = cells["quantity"]; !quantity.text.empty()) {
                       CheckNotNegative(quantity, "quantity", problems);
                       // Only a standard's quantity was known beforehand; any other was calculated
                       // from the curve. A table without tasks gives quantities for its standards
                       // alone.
                       if (row.task().empty() || IsWord(row.task(), "standard")) {
                         row.set_quantity(quantity.text);
                       } else {
                         row.set_vendor_quantity(quantity.text);
                       }
                     }
                     seen.CheckTarget(well, target.text, problems);
                   });
}

}  // namespace

constinit const Importer kCqCsv{
    .format = "cq_csv",
    .version = "2",
    .description =
        "CSV with the columns well,sample,target,cq and, if wanted, task,quantity,call; "
        "cq is a number or Undetermined",
    .recognises = Recognises,
    .parse = Parse};

}  // namespace lims::instrument
