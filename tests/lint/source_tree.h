// The repository's own files as text, for rules that are checked by reading the source.
#ifndef LIMS_TESTS_LINT_SOURCE_TREE_H_
#define LIMS_TESTS_LINT_SOURCE_TREE_H_

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace lims {

struct SourceFile {
  std::string path;  // from the root of the repository: "lims-server/base/error.h"
  std::vector<std::string> lines;
};

inline SourceFile MakeSourceFile(std::string path, const std::string& text) {
  SourceFile file{std::move(path), {}};
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) file.lines.push_back(line);
  return file;
}

inline bool EndsWithOneOf(std::string_view path, std::initializer_list<std::string_view> ends) {
  return std::any_of(ends.begin(), ends.end(),
                     [path](std::string_view end) { return path.ends_with(end); });
}

inline bool StartsWithOneOf(std::string_view path, const std::vector<std::string_view>& starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [path](std::string_view start) { return path.starts_with(start); });
}

// A file of the repository; without lines when it is not there.
inline SourceFile ReadSourceFile(const std::string& path) {
  std::ifstream in(std::filesystem::path(LIMS_SOURCE_DIR) / path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return MakeSourceFile(path, text.str());
}

// Files below these folders whose names end like this, sorted by path. Fetched packages are left
// out, and so are the lint tests themselves: they spell what they forbid.
inline std::vector<SourceFile> SourceFiles(std::initializer_list<std::string_view> folders,
                                           std::initializer_list<std::string_view> ends) {
  namespace fs = std::filesystem;
  const fs::path root = LIMS_SOURCE_DIR;
  std::vector<std::string> paths;
  for (const std::string_view folder : folders) {
    if (!fs::exists(root / folder)) continue;
    for (auto it = fs::recursive_directory_iterator(root / folder);
         it != fs::recursive_directory_iterator(); ++it) {
      const std::string name = it->path().filename().string();
      if (it->is_directory() && (name == "node_modules" || name == "lint")) {
        it.disable_recursion_pending();
      }
      if (it->is_regular_file() && EndsWithOneOf(name, ends)) {
        paths.push_back(fs::relative(it->path(), root).string());
      }
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<SourceFile> files;
  for (const std::string& path : paths) files.push_back(ReadSourceFile(path));
  return files;
}

// Whether `word` stands in `line` and does not go on to the left; nor to the right when it ends in
// a letter.
inline bool HasWord(std::string_view line, std::string_view word) {
  const auto in_word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
  };
  for (std::size_t at = line.find(word); at != std::string_view::npos;
       at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool free_left = at == 0 || !in_word(line[at - 1]);
    const bool free_right = !in_word(word.back()) || end == line.size() || !in_word(line[end]);
    if (free_left && free_right) return true;
  }
  return false;
}

// "path:line: text": what an editor jumps to.
inline std::string At(const SourceFile& file, std::size_t line_index, const std::string& text) {
  return file.path + ":" + std::to_string(line_index + 1) + ": " + text;
}

}  // namespace lims

#endif  // LIMS_TESTS_LINT_SOURCE_TREE_H_
