using System.Text;
using System.Text.Json.Nodes;

namespace LlmObserve.Demo;

/// <summary>The figures in the terminal: drawn over each other on a real one, one line a call where the output goes to a file.</summary>
internal sealed class Screen(TextWriter output, bool isTerminal)
{
    private const int BarWidth = 20;

    // As many calls as the eye can follow.
    private const int CallsShown = 6;

    private readonly Queue<Call> _calls = new();
    private int _drawn;

    /// <summary>The first call that was denied.</summary>
    public Call? Denied { get; private set; }

    public void Show(Call call, JsonArray customers, JsonArray models, JsonArray caps)
    {
        Denied ??= call.Allowed ? null : call;
        _calls.Enqueue(call);
        while (_calls.Count > CallsShown)
        {
            _calls.Dequeue();
        }

        if (!isTerminal)
        {
            output.WriteLine(Line(call));
            return;
        }

        var text = new StringBuilder();
        Table(text, "customer", "customer_id", customers);
        text.AppendLine($"  {"cap",-34}{"spent",10}{"limit",10}");
        foreach (var cap in caps)
        {
            text.AppendLine(CapLine(cap!));
        }

        text.AppendLine().AppendLine("  calls");
        foreach (var shown in _calls)
        {
            text.AppendLine(Line(shown));
        }

        text.AppendLine();
        Table(text, "model", "model", models);
        Draw(text.ToString());
    }

    private static void Table(StringBuilder text, string title, string key, JsonArray rows)
    {
        text.AppendLine($"  {title,-34}{"calls",10}{"tokens",10}{"cost",12}");
        foreach (var row in rows)
        {
            var tokens = (long)row!["input_tokens"]! + (long)row["output_tokens"]!;
            text.AppendLine($"  {(string?)row[key] ?? "(no model)",-34}{(long)row["call_count"]!,10}{tokens,10}{Dollars((decimal)row["total_cost"]!),12}");
        }

        text.AppendLine();
    }

    private static string CapLine(JsonNode cap)
    {
        var spent = (decimal)cap["current_spend"]!;
        var limit = (decimal)cap["limit_amount"]!;
        var filled = limit > 0 ? (int)Math.Clamp(spent / limit * BarWidth, 0, BarWidth) : BarWidth;
        var name = $"{(string?)cap["target_name"] ?? "everything"}, {(string)cap["period"]!}";
        var kind = (string)cap["enforcement"]! == "hard_block" ? "hard" : "alert";
        return $"  {name,-34}{Dollars(spent),10}{Dollars(limit),10}  {new string('█', filled)}{new string('░', BarWidth - filled)} {kind}";
    }

    private static string Line(Call call) =>
        $"  {call.At.TotalSeconds,4:0} s  {(call.Allowed ? "allowed" : "DENIED "),-8} {call.Customer,-16} {call.Agent,-10} {call.Target}"
        + (call.Allowed ? "" : $"  {call.Message}");

    private static string Dollars(decimal amount) => $"${amount:0.0000}";

    private void Draw(string text)
    {
        // What does not fit is left out: a terminal that scrolls could not be drawn over.
        var lines = text.ReplaceLineEndings("\n").TrimEnd().Split('\n').Take(Math.Max(1, Console.WindowHeight - 1)).ToList();
        var frame = new StringBuilder();
        if (_drawn > 0)
        {
            // Back to where the last frame began.
            frame.Append($"\e[{_drawn}A");
        }

        foreach (var line in lines.Select(line => line.Length < Console.WindowWidth ? line : line[..(Console.WindowWidth - 1)]))
        {
            frame.Append(line.Replace("DENIED", "\e[1;31mDENIED\e[0m", StringComparison.Ordinal)).Append("\e[K\n");
        }

        // What the last frame had below this one.
        frame.Append("\e[J");
        _drawn = lines.Count;
        output.Write(frame);
    }
}
