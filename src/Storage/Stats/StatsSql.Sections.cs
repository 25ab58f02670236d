using LlmObserve.Domain.Events;

namespace LlmObserve.Storage.Stats;

/// <summary>The statements of sections.</summary>
internal sealed partial class StatsSql
{
    /// <summary>The dearest section paths by cost; all beyond those count under the name that stands for others.</summary>
    public string Sections(RollupPlan plan, int most) =>
        $"""
        WITH grouped AS MATERIALIZED (
          SELECT section_path, {Sums} FROM ({Slices(StretchCover.Of(plan), "section_path")}) AS slices GROUP BY section_path)
        {Dearest("section_path", most)}
        """;

    /// <summary>A section itself under an empty name, and what lies below it by the path of its child.</summary>
    public string Section(RollupPlan plan, string path, int most)
    {
        // As the database orders text, what begins with "path/" lies between that and "path" with the character behind the slash.
        var (self, below, beyond) = (Add(path), Add(path + '/'), Add(path + (char)('/' + 1)));
        return $"""
            WITH grouped AS MATERIALIZED (
              SELECT CASE WHEN section_path = {self} THEN '' ELSE {below} || split_part(substr(section_path, length({below}) + 1), '/', 1) END COLLATE "C" AS child, {Sums}
              FROM ({Slices(StretchCover.Of(plan), "section_path")}) AS slices
              WHERE section_path = {self} OR (section_path >= {below} AND section_path < {beyond})
              GROUP BY child)
            {Dearest("child", most)}
            """;
    }

    /// <summary>What stands for others, and a section itself, take no place of the others.</summary>
    private string Dearest(string name, int most)
    {
        var special = $"{name} IN ('', '{SectionPaths.Others}')";
        return $"""
            SELECT name, {Sums}
            FROM (
              SELECT {Measures}, CASE
                WHEN {special} OR row_number() OVER (ORDER BY {special}, cost_nanos DESC, {name}) <= {Add(most)} THEN {name} ELSE '{SectionPaths.Others}'
              END AS name
              FROM grouped) AS ranked
            GROUP BY name ORDER BY cost_nanos DESC, name
            """;
    }
}
