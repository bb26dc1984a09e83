// The cells of a spreadsheet file (.xlsx) as text.
#ifndef LIMS_INSTRUMENT_WORKBOOK_H_
#define LIMS_INSTRUMENT_WORKBOOK_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/csv.h"
#include "base/result.h"

namespace lims::instrument {

struct Sheet {
  std::string name;
  // Rows that hold anything, in order; a row's cells from column 1 on, each with row and column of
  // the sheet as its place. Numbers are as the file has them, dates too.
  std::vector<std::vector<CsvField>> rows;
};

// Whether `bytes` may be such a file.
bool IsWorkbook(std::string_view bytes);

// The sheets in their order; INVALID_ARGUMENT as below.
Result<std::vector<std::string>> SheetNames(std::string_view bytes);

// The first of the named sheets that the file has. INVALID_ARGUMENT: no spreadsheet, damaged,
// larger than any instrument writes, or none of the sheets.
Result<Sheet> ReadSheet(std::string_view bytes, const std::vector<std::string_view>& names);

}  // namespace lims::instrument

#endif  // LIMS_INSTRUMENT_WORKBOOK_H_
