// What was measured: one line each, printed as a table and written as JSON.
#ifndef LIMS_TESTS_BENCH_REPORT_H_
#define LIMS_TESTS_BENCH_REPORT_H_

#include <string>
#include <vector>

namespace lims::bench {

class Report {
 public:
  // A figure as it is printed ("5812 /s"), and its number.
  void Add(std::string name, double value, std::string unit, std::string goal = "");
  void Section(const std::string& title);
  void WriteJson(const std::string& path) const;

 private:
  struct Line {
    std::string name;
    double value;
    std::string unit;
    std::string goal;
  };
  std::vector<Line> lines_;
};

}  // namespace lims::bench

#endif  // LIMS_TESTS_BENCH_REPORT_H_
