using Microsoft.Extensions.Logging;

namespace LlmObserve.Storage.Migrations;

public static partial class Migrator
{
    [LoggerMessage(Level = LogLevel.Information, Message = "Applied migration {Migration}")]
    private static partial void LogApplied(ILogger logger, string migration);
}
