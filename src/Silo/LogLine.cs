using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace LlmObserve.Silo;

/// <summary>One line an entry: <c>09:55:56 info  PrivatePostgres  Creating a private PostgreSQL …</c>; an exception follows on its own.</summary>
internal sealed class LogLine(TimeProvider time) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var message = logEntry.Formatter(logEntry.State, logEntry.Exception);
        var category = logEntry.Category[(logEntry.Category.LastIndexOf('.') + 1)..];
        // A line is a line, whatever a message quotes.
        textWriter.WriteLine($"{time.GetLocalNow():HH:mm:ss} {Word(logEntry.LogLevel)} {category}  {message.ReplaceLineEndings(" ")}");
        if (logEntry.Exception is not null)
        {
            textWriter.WriteLine(logEntry.Exception.ToString());
        }
    }

    private static string Word(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info ",
        LogLevel.Warning => "warn ",
        LogLevel.Error => "ERROR",
        _ => "FATAL",
    };
}
