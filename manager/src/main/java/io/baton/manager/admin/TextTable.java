package io.baton.manager.admin;

import java.util.List;

/** A writer of tables for terminals. */
public final class TextTable {
  private static final String GAP = "  ";

  private TextTable() {}

  /**
   * Appends rows with aligned columns.
   *
   * @param align one letter a column: l or r
   */
  public static void append(List<List<String>> rows, String align, StringBuilder text) {
    int[] widths = new int[align.length()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        String pad = " ".repeat(widths[i] - row.get(i).length());
        line.append(i == 0 ? "" : GAP)
            .append(align.charAt(i) == 'r' ? pad + row.get(i) : row.get(i) + pad);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
  }
}
