// What the formats with a plain header row have in common.
#ifndef LIMS_INSTRUMENT_CSV_IMPORT_H_
#define LIMS_INSTRUMENT_CSV_IMPORT_H_

#include <functional>
#include <span>
#include <string_view>

#include "base/csv.h"
#include "base/result.h"
#include "instrument/cells.h"
#include "instrument/importer.h"
#include "lims/v1/assay.pb.h"

namespace lims::instrument {

// A row of the file with access by column name.
struct TableRow {
  const CsvTable& table;
  const CsvRow& row;

  bool Has(std::string_view column) const { return table.Has(column); }
  const CsvField& operator[](std::string_view column) const { return table.At(row, column); }
};

using FillRow = std::function<void(const TableRow& cells, v1::RawRow& row, FileProblems& problems)>;

// Reads every row of the table with `fill`; the line is set already. The error holds the problems
// of the table and of all its cells.
Result<v1::RawData> ImportCsv(const Importer& importer, std::string_view bytes,
                              std::span<const std::string_view> required,
                              std::span<const std::string_view> optional, const FillRow& fill);

// Reads the optional columns plate and well; a well must be unique on its plate.
void FillPlace(const TableRow& cells, SeenKeys& seen, v1::RawRow& row, FileProblems& problems);

}  // namespace lims::instrument

#endif  // LIMS_INSTRUMENT_CSV_IMPORT_H_
