using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

internal sealed partial class GrainEngine
{
    internal static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "{GrainId} failed to activate")]
        public static partial void ActivationFailed(ILogger logger, Exception exception, GrainId grainId);

        [LoggerMessage(Level = LogLevel.Error, Message = "{GrainId} failed while it deactivated; it is gone all the same")]
        public static partial void DeactivationFailed(ILogger logger, Exception exception, GrainId grainId);

        [LoggerMessage(Level = LogLevel.Warning, Message = "A timer tick of {GrainId} failed; the timer goes on")]
        public static partial void TickFailed(ILogger logger, Exception exception, GrainId grainId);

        [LoggerMessage(Level = LogLevel.Warning, Message = "One-way call {Contract}.{Method} failed")]
        public static partial void OneWayFailed(ILogger logger, Exception exception, string contract, string method);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Contract}.{Method} failed after its caller had given up")]
        public static partial void AbandonedCallFailed(ILogger logger, Exception exception, string contract, string method);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Reason}")]
        public static partial void CallTimedOut(ILogger logger, string reason);

        [LoggerMessage(Level = LogLevel.Warning, Message = "{Count} notifications to a slow observer were dropped")]
        public static partial void NotificationsDropped(ILogger logger, long count);

        [LoggerMessage(Level = LogLevel.Error, Message = "The engine ran out of time to stop; {Count} activations were left as they were")]
        public static partial void StopCutShort(ILogger logger, int count);
    }
}
