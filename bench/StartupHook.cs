using LlmObserve.Bench.Running;

/// <summary>
/// Where .NET enters this assembly when it is named in <c>DOTNET_STARTUP_HOOKS</c>: before the server's own entry point, inside the server's
/// process. The name, and that it is in no namespace, are .NET's.
/// </summary>
internal static class StartupHook
{
    public static void Initialize() => ResidentGrains.Attach();
}
