using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace LlmObserve.Bench.Results;

/// <summary>The figures of the last run of each benchmark on one machine: <c>latest.json</c>, and the same as a table.</summary>
internal sealed record Report(DateTimeOffset At, string Commit, Machine Machine, ImmutableArray<Figure> Figures)
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new RoundedConverter() },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private static string JsonFile => Repository.InRoot("bench/results/latest.json");

    /// <summary>Takes over the lines of benchmarks that this run left out, where they were measured on the same machine.</summary>
    public async Task<Report> WithEarlierAsync(IReadOnlyList<string> order, CancellationToken cancellationToken)
    {
        var earlier = await ReadAsync(cancellationToken);
        if (earlier?.Machine.IsLike(Machine) != true)
        {
            return this;
        }

        var measured = Figures.Select(figure => figure.Bench).ToHashSet();
        var kept = earlier.Figures.Where(figure => !measured.Contains(figure.Bench) && order.Contains(figure.Bench));
        return this with { Figures = [.. Figures.Concat(kept).OrderBy(figure => order.ToList().IndexOf(figure.Bench))] };
    }

    public async Task WriteAsync(CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(JsonFile)!);
        await File.WriteAllTextAsync(JsonFile, JsonSerializer.Serialize(this, s_json) + "\n", cancellationToken);
        await File.WriteAllTextAsync(Path.ChangeExtension(JsonFile, ".md"), ToMarkdown(), cancellationToken);
    }

    private static async Task<Report?> ReadAsync(CancellationToken cancellationToken)
    {
        if (!File.Exists(JsonFile))
        {
            return null;
        }

        await using var file = File.OpenRead(JsonFile);
        try
        {
            return await JsonSerializer.DeserializeAsync<Report>(file, s_json, cancellationToken);
        }
        catch (JsonException)
        {
            // Written by an older version of this program: measured anew soon enough.
            return null;
        }
    }

    private string ToMarkdown()
    {
        var text = new StringBuilder()
            .AppendLine("# Benchmarks")
            .AppendLine()
            .AppendLine("Written by `./dev bench`; `bench/README.md` says how each figure is measured.")
            .AppendLine()
            .AppendLine($"{Machine.Cores} cores ({Machine.Processor}, {Machine.Architecture}), {Machine.MemoryGb:0.#} GB, {Machine.System}, "
                + $".NET {Machine.DotNet}, PostgreSQL {Machine.PostgreSql}; {At:yyyy-MM-dd HH:mm} UTC, commit {Commit}.")
            .AppendLine()
            .AppendLine("| bench | what | measured | against | ratio | goal | | others' load |")
            .AppendLine("|---|---|---|---|---|---|---|---|");
        foreach (var figure in Figures)
        {
            text.AppendLine($"| {figure.Bench} | {figure.What} | {figure.Measured} | {figure.Against} | {Ratio(figure)} "
                + $"| {figure.Goal?.Text(figure.Measured.Unit)} | {figure.Verdict} | {figure.OthersPercent} % |");
        }

        text.AppendLine();
        foreach (var notes in Figures.Where(figure => figure.Note.Length > 0).GroupBy(figure => figure.Bench))
        {
            text.AppendLine($"**{notes.Key}** ({notes.First().At:yyyy-MM-dd HH:mm} UTC, commit {notes.First().Commit})").AppendLine();
            foreach (var note in notes.Select(figure => figure.Note).Distinct())
            {
                text.AppendLine($"- {note}");
            }

            text.AppendLine();
        }

        return text.ToString().TrimEnd() + "\n";
    }

    /// <summary>The table for a terminal.</summary>
    public static string ToConsole(IReadOnlyCollection<Figure> figures)
    {
        string[] heads = ["bench", "what", "measured", "against", "ratio", "goal", ""];
        var lines = figures.Select(figure => new[]
        {
            figure.Bench, figure.What, figure.Measured.ToString(), figure.Against?.ToString() ?? "", Ratio(figure),
            figure.Goal?.Text(figure.Measured.Unit) ?? "", figure.Verdict,
        }).Prepend(heads).ToArray();
        var widths = Enumerable.Range(0, heads.Length).Select(column => lines.Max(line => line[column].Length)).ToArray();
        return string.Join('\n', lines.Select(line => string.Join("  ", line.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()));
    }

    private static string Ratio(Figure figure) => figure.Ratio is { } ratio ? Quantity.Text(ratio) : "";

    /// <summary>Five significant digits: a diff of results should show what moved.</summary>
    private sealed class RoundedConverter : JsonConverter<double>
    {
        public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDouble();

        public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) =>
            writer.WriteNumberValue(double.Parse(value.ToString("G5")));
    }
}
