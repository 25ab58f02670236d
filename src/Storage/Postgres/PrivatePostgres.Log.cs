using Microsoft.Extensions.Logging;

namespace LlmObserve.Storage.Postgres;

public sealed partial class PrivatePostgres
{
    [LoggerMessage(LogLevel.Information, "Creating a private PostgreSQL {Major} in {Directory}")]
    private static partial void LogCreating(ILogger logger, int major, string directory);

    [LoggerMessage(LogLevel.Information, "User {User} cannot reach {Wanted}, so PostgreSQL keeps its files in {Directory}")]
    private static partial void LogElsewhere(ILogger logger, string? user, string wanted, string directory);

    [LoggerMessage(LogLevel.Information, "Taking over the private PostgreSQL that is still running (process {ProcessId})")]
    private static partial void LogTakenOver(ILogger logger, int processId);

    [LoggerMessage(LogLevel.Debug, "The private PostgreSQL listens on {Address}")]
    private static partial void LogStarted(ILogger logger, string address);

    [LoggerMessage(LogLevel.Warning, "The private PostgreSQL did not stop: {Output}")]
    private static partial void LogNotStopped(ILogger logger, string output);
}
