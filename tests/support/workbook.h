// Spreadsheets packed by a test.
#ifndef LIMS_TESTS_SUPPORT_WORKBOOK_H_
#define LIMS_TESTS_SUPPORT_WORKBOOK_H_

#include <gtest/gtest.h>
#include <zip.h>

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace lims {

// The text of each part of a workbook, by its name.
using WorkbookParts = std::map<std::string, std::string>;

inline std::string PackWorkbook(const WorkbookParts& parts,
                                zip_int32_t compression = ZIP_CM_DEFLATE) {
  zip_source_t* packed = zip_source_buffer_create(nullptr, 0, 0, nullptr);
  zip_source_keep(packed);  // closing the archive releases it
  zip_t* archive = zip_open_from_source(packed, ZIP_CREATE | ZIP_TRUNCATE, nullptr);
  for (const auto& [name, text] : parts) {
    zip_source_t* part = zip_source_buffer(archive, text.data(), text.size(), 0);
    const zip_int64_t index = zip_file_add(archive, name.c_str(), part, 0);
    EXPECT_GE(index, 0) << name;
    EXPECT_EQ(zip_set_file_compression(archive, static_cast<zip_uint64_t>(index), compression, 0),
              0);
  }
  EXPECT_EQ(zip_close(archive), 0);
  zip_stat_t stat;
  EXPECT_EQ(zip_source_stat(packed, &stat), 0);
  std::string bytes(stat.size, '\0');
  EXPECT_EQ(zip_source_open(packed), 0);
  EXPECT_EQ(zip_source_read(packed, bytes.data(), bytes.size()),
            static_cast<zip_int64_t>(bytes.size()));
  zip_source_close(packed);
  zip_source_free(packed);
  return bytes;
}

// One sheet, "Results", with these texts as they are.
inline WorkbookParts ResultsWorkbook(const std::vector<std::vector<std::string>>& rows) {
  std::string sheet = "<worksheet><sheetData>";
  for (const auto& row : rows) {
    sheet += "<row>";
    for (const std::string& cell : row) {
      sheet += "<c t=\"inlineStr\"><is><t>" + cell + "</t></is></c>";
    }
    sheet += "</row>";
  }
  sheet += "</sheetData></worksheet>";
  return {
      {"[Content_Types].xml", "<Types/>"},
      {"xl/workbook.xml",
       R"(<workbook xmlns:r="r"><sheets><sheet name="Results" r:id="rId1"/></sheets></workbook>)"},
      {"xl/_rels/workbook.xml.rels",
       R"(<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/>)"
       R"(</Relationships>)"},
      {"xl/worksheets/sheet1.xml", std::move(sheet)},
  };
}

// Texts of cells, of which one is nested in itself this often.
inline std::string NestedTexts(int depth) {
  std::string texts = "<sst><si>";
  for (int i = 0; i < depth; ++i) texts += "<r>";
  texts += "<t>x</t>";
  for (int i = 0; i < depth; ++i) texts += "</r>";
  return texts + "</si></sst>";
}

}  // namespace lims

#endif  // LIMS_TESTS_SUPPORT_WORKBOOK_H_
