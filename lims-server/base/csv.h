// Tables typed by people or written by instruments as delimited text (RFC 4180), read so that every
// problem of the file can be named by line and column at once.
#ifndef LIMS_BASE_CSV_H_
#define LIMS_BASE_CSV_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace lims {

inline constexpr std::size_t kMaxTableRows = 200'000;

// Collects what is wrong with a file. At 1,000 problems it is full: whoever reads the file stops.
class FileProblems {
 public:
  // `line` and `column` from 1; column 0 means the whole line, line 0 the whole file.
  void Add(int line, int column, std::string description);
  void Add(std::string field, std::string description);

  bool empty() const { return violations_.empty(); }
  bool full() const;
  // INVALID_ARGUMENT with every problem; there must be one.
  Error ToError() &&;

 private:
  std::vector<Violation> violations_;
};

struct CsvField {
  std::string text;  // without quotes; blanks around an unquoted field are left out
  int line = 0;      // where the field starts, from 1
  int column = 0;    // number of the field in its row, from 1
};

struct CsvProblem {
  int line = 0;
  int column = 0;
  std::string description;
  bool swallows_rest = false;  // a quote is never closed: everything behind it is in the field
};

struct CsvRow {
  int line = 0;                      // where the row starts
  std::vector<CsvField> fields;      // at least one
  std::vector<CsvProblem> problems;  // of its quotes; the fields are then a best reading
  std::string_view source;           // the row as it stands, without its line break
  bool ends_with_line_break = true;  // false only for a last row without one

  bool blank() const;  // every field is empty
};

// Splits delimited text into rows, one at a time. Line breaks may be LF, CRLF, CR or mixed.
class CsvReader {
 public:
  // `text` is UTF-8 and outlives the reader; its first line has the number `first_line`.
  CsvReader(std::string_view text, char delimiter, int first_line = 1);

  // False at the end; `row` is then unspecified.
  bool Next(CsvRow& row);

 private:
  CsvField ReadField(int column, CsvRow& row);
  void ReadQuoted(CsvField& field, CsvRow& row);
  void ReadUnquoted(CsvField& field, CsvRow& row);
  void SkipBlanks();
  void SkipLineBreak();
  bool AtFieldEnd() const;

  std::string_view text_;
  std::size_t at_ = 0;
  char delimiter_;
  int line_;
};

// A table read by column name.
class CsvTable {
 public:
  std::vector<std::string> header;  // column names in file order, lower case
  std::vector<CsvRow> rows;         // none blank, each with as many fields as the header

  bool Has(std::string_view column) const;
  // The field of `row` in that column; an empty field at column 0 when the table has no such
  // column.
  const CsvField& At(const CsvRow& row, std::string_view column) const;
};

// Reads the bytes of a file. The delimiter is named by a first line `sep=;` or is the commonest of
// , ; and tab in the header. Header names are compared without regard to ASCII case. Problems
// are added to `problems`: text encoding, no header or rows, unknown, missing or repeated columns,
// quotes, rows with another number of fields than the header, more than kMaxTableRows rows. The
// table holds the rows that have none; it has no rows when the header cannot be trusted.
CsvTable ReadCsv(std::string_view bytes, std::span<const std::string_view> required,
                 std::span<const std::string_view> optional, FileProblems& problems);

// Whether the first row of a file names every one of `columns`; for recognising a format.
bool CsvHeaderNames(std::string_view bytes, std::span<const std::string_view> columns);

}  // namespace lims

#endif  // LIMS_BASE_CSV_H_
