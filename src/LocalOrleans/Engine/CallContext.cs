using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace LlmObserve.LocalOrleans;

/// <summary>A call on its way through the filters to its grain.</summary>
internal sealed class CallContext(Call call, Activation activation) : IIncomingGrainCallContext
{
    private int _passed;

    public object Grain => activation.GrainInstance!;

    public GrainId? SourceId => call.Source?.GrainId;

    public GrainId TargetId => activation.GrainId;

    public IGrainContext TargetContext => activation;

    public string InterfaceName => call.Method.Contract.FullName!;

    public string MethodName => call.Method.Name;

    public MethodInfo InterfaceMethod => call.Method.Method;

    public MethodInfo ImplementationMethod => activation.Class.ImplementationOf(call.Method);

    public object? Result { get; set; }

    public Task Invoke()
    {
        var filters = activation.Class.Engine.Filters;
        var next = _passed++;
        if (next < filters.Length)
        {
            return filters[next].Invoke(this);
        }

        return next == filters.Length && Grain is IIncomingGrainCallFilter own ? own.Invoke(this) : InvokeGrainAsync();
    }

    private async Task InvokeGrainAsync()
    {
        var result = call.Invoke(Grain);
        await result;
        Result = call.AnswerOf(result);
    }
}
