using Microsoft.Extensions.Logging;

namespace LlmObserve.Storage.Migrations;

public static partial class Migrator
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Applied migration {Migration}")]
    private static partial void LogApplied(ILogger logger, string migration);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Row security was incomplete, as after a restore; put back on {Tables}")]
    private static partial void LogPutBack(ILogger logger, string tables);
}
