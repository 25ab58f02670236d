using System.Reflection;
using System.Reflection.Emit;

namespace LlmObserve.LocalOrleans;

/// <summary>A generated class of calls: how to make one, and where its arguments go.</summary>
internal sealed record EmittedCall(ConstructorInfo Constructor, FieldInfo[] Arguments);

/// <summary>Generates the class of the calls of one contract method; see <see cref="ProxyEmitter"/>.</summary>
internal static class CallEmitter
{
    private const string MethodField = "Method";

    public static EmittedCall Emit(ModuleBuilder module, string name, Type contract, MethodInfo method)
    {
        var returns = method.ReturnType;
        var parent = returns.IsGenericType ? typeof(TaskCall<>).MakeGenericType(returns.GetGenericArguments()) : typeof(TaskCall);
        var type = module.DefineType(name, TypeAttributes.Public | TypeAttributes.Sealed, parent);
        var description = type.DefineField(MethodField, typeof(GrainMethod), FieldAttributes.Public | FieldAttributes.Static);
        EmitConstructor(type, parent, description);

        var arguments = new List<FieldBuilder>();
        foreach (var parameter in method.GetParameters())
        {
            // A message may be internal to another assembly than its contract.
            ProxyEmitter.Open(parameter.ParameterType.Assembly);
            arguments.Add(type.DefineField($"argument{arguments.Count}", parameter.ParameterType, FieldAttributes.Public));
        }

        EmitInvoke(type, method, arguments);
        if (arguments.Find(static argument => argument.FieldType == typeof(CancellationToken)) is { } token)
        {
            EmitToken(type, token);
        }

        var made = type.CreateType();
        made.GetField(MethodField)!.SetValue(null, new GrainMethod(contract, method));
        return new EmittedCall(made.GetConstructor(Type.EmptyTypes)!, [.. arguments.Select(argument => made.GetField(argument.Name)!)]);
    }

    private static void EmitConstructor(TypeBuilder type, Type parent, FieldInfo description)
    {
        var code = type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, Type.EmptyTypes).GetILGenerator();
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldsfld, description);
        code.Emit(
            OpCodes.Call,
            parent.GetConstructor(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic, [typeof(GrainMethod)])!);
        code.Emit(OpCodes.Ret);
    }

    private static void EmitInvoke(TypeBuilder type, MethodInfo method, List<FieldBuilder> arguments)
    {
        var code = Override(type, nameof(Call.Invoke), typeof(Task), [typeof(object)]);
        code.Emit(OpCodes.Ldarg_1);
        code.Emit(OpCodes.Castclass, method.DeclaringType!);
        foreach (var argument in arguments)
        {
            code.Emit(OpCodes.Ldarg_0);
            code.Emit(OpCodes.Ldfld, argument);
        }

        code.Emit(OpCodes.Callvirt, method);
        var returns = method.ReturnType;
        if (returns == typeof(void))
        {
            code.Emit(OpCodes.Call, typeof(Task).GetProperty(nameof(Task.CompletedTask))!.GetMethod!);
        }
        else if (returns.IsValueType)
        {
            var answer = code.DeclareLocal(returns);
            code.Emit(OpCodes.Stloc, answer);
            code.Emit(OpCodes.Ldloca, answer);
            code.Emit(OpCodes.Call, returns.GetMethod(nameof(ValueTask.AsTask))!);
        }

        code.Emit(OpCodes.Ret);
    }

    private static void EmitToken(TypeBuilder type, FieldInfo token)
    {
        var code = Override(type, $"get_{nameof(Call.Token)}", typeof(CancellationToken), Type.EmptyTypes);
        code.Emit(OpCodes.Ldarg_0);
        code.Emit(OpCodes.Ldfld, token);
        code.Emit(OpCodes.Ret);
    }

    private static ILGenerator Override(TypeBuilder type, string name, Type returns, Type[] parameters) =>
        type.DefineMethod(
            name, MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig, returns, parameters).GetILGenerator();
}
