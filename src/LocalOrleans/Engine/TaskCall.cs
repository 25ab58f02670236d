namespace LlmObserve.LocalOrleans;

/// <summary>A call of a method that answers nothing but its end.</summary>
internal abstract class TaskCall(GrainMethod method) : Call(method)
{
    public override Pending CreatePending() => new Pending<NoAnswer>();

    public override Task FromException(Exception exception) => Task.FromException(exception);

    public override object? AnswerOf(Task completed) => null;

    public override Task InvokeThrough(CallContext context) => context.Invoke();
}

/// <summary>A call of a method that answers a <typeparamref name="T"/>.</summary>
internal abstract class TaskCall<T>(GrainMethod method) : Call(method)
{
    public override Pending CreatePending() => new Pending<T>();

    public override Task FromException(Exception exception) => Task.FromException<T>(exception);

    public override object? AnswerOf(Task completed) => ((Task<T>)completed).Result;

    public override Task InvokeThrough(CallContext context) => InvokeThroughAsync(context);

    private static async Task<T> InvokeThroughAsync(CallContext context)
    {
        await context.Invoke();
        return (T)context.Result!;
    }
}

/// <summary>Stands for the answer of a method that has none.</summary>
internal readonly struct NoAnswer;
